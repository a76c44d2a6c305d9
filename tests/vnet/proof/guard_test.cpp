// A flow that goes through a guard: what the interpreter makes of it, and what the proof says.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/vnet/explain/bed.hpp"
#include "vnet/explain/judge.hpp"
#include "vnet/proof/agreement.hpp"
#include "vnet/proof/intent.hpp"

namespace bulkhead::vnet::test {
namespace {

using explain::Decision;
using explain::Verdict;

constexpr std::uint32_t guard = 16;

class Guarded : public ::testing::Test, protected Bed {
  protected:
    Guarded() {
        PlacedPort& placed = network.ports[model::PortName("guard")];
        placed.slot = static_cast<Slot>(network.ports.size());
        placed.ifindex = guard;
        placed.port.name = model::PortName("guard");
        placed.port.kind = model::PortKind::guard;
        placed.port.tenant = model::TenantName("tenant");
        placed.port.mac = model::Mac{{2, 0, 0, 0, 0, 99}};
        allow("robot", "plc", model::Transport::tcp, 502);
        allow("robot", "admin", model::Transport::tcp, 443);
        network.rules.front().rule.via = placed.port.name;
        compile_again();
    }

    // As the guard would say it.
    Decision say(const std::string& words) {
        return send(guard, frame_of(*explain::parse_words(words),
                                    wrapping_for(ir, guard, *explain::parse_words(words))));
    }
    static void expect_drop(const Decision& decision, switch_drop reason) {
        EXPECT_EQ(decision.verdict, Verdict::dropped);
        EXPECT_EQ(decision.reason, reason);
    }
    std::set<model::Rule> meant() const {
        std::set<model::Rule> rules;
        for (const auto& placed : network.rules) rules.insert(placed.rule);
        return rules;
    }
    proof::Ports ports() const {
        proof::Ports by_slot;
        for (const auto& [name, placed] : network.ports) by_slot[placed.slot] = placed;
        return by_slot;
    }
    bool is_proved(const Ir& tables) const {
        const auto reach = proof::reach(tables);
        EXPECT_TRUE(reach.contradictions.empty());
        return proof::unmeant(reach, ports(), meant()).empty() &&
               proof::unmet(reach, ports(), meant()).empty();
    }
};

TEST_F(Guarded, goes_to_the_guard_and_from_there_on) {
    const auto first = send("tcp 10.1.0.10:40000 > 10.3.0.10:502");
    EXPECT_EQ(first.verdict, Verdict::passes);
    EXPECT_EQ(first.ifindex, guard);
    const auto second = say("tcp 10.1.0.10:20000 > 10.3.0.10:502");
    EXPECT_EQ(second.verdict, Verdict::passes);
    EXPECT_EQ(second.ifindex, wire);
    EXPECT_EQ(second.vlan, 30);
}

TEST_F(Guarded, is_nobody_in_other_flows_and_opens_none_backwards) {
    expect_drop(say("tcp 10.1.0.10:20000 > 10.2.0.10:443"), switch_drop_source_address);
    expect_drop(say("tcp 10.3.0.10:502 > 10.1.0.10:40000"), switch_drop_direction);
    expect_drop(say("tcp 10.1.0.10:20000 > 10.3.0.10:503"), switch_drop_service);
    expect_drop(say("udp 10.1.0.10:20000 > 10.3.0.10:502"), switch_drop_service);
    expect_drop(say("tcp 192.0.2.1:20000 > 10.3.0.10:502"), switch_drop_source_address);
}

// Each leg of a flow has its own two places; who speaks from elsewhere can't end what others say.
TEST_F(Guarded, drops_what_comes_from_elsewhere_and_keeps_the_connection) {
    ASSERT_EQ(send("tcp 10.1.0.10:40000 > 10.3.0.10:502").ifindex, guard);
    ASSERT_EQ(say("tcp 10.1.0.10:20000 > 10.3.0.10:502").ifindex, wire);
    ASSERT_EQ(send("tcp 10.1.0.10:40000 > 10.2.0.10:443").ifindex, admin);
    const auto before = memory.connections;
    ASSERT_EQ(before.size(), 3U);
    for (const std::string flags : {"ack", "rst", "syn"}) {
        expect_drop(send("tcp 10.3.0.10:502 > 10.1.0.10:40000 " + flags), switch_drop_tcp_state);
        expect_drop(send("tcp 10.1.0.10:20000 > 10.3.0.10:502 " + flags), switch_drop_tcp_state);
        expect_drop(say("tcp 10.1.0.10:40000 > 10.3.0.10:502 " + flags), switch_drop_tcp_state);
        expect_drop(say("tcp 10.1.0.10:40000 > 10.2.0.10:443 " + flags), switch_drop_source_address);
        expect_drop(say("tcp 10.2.0.10:443 > 10.1.0.10:40000 " + flags), switch_drop_source_address);
    }
    EXPECT_EQ(memory.connections.size(), before.size());
    for (const auto& [key, connection] : before) EXPECT_EQ(memory.connections.at(key), connection);
}

TEST_F(Guarded, is_closed_while_the_guard_is_not_there) {
    network.ports[model::PortName("guard")].ifindex = 0;
    compile_again();
    expect_drop(send("tcp 10.1.0.10:40000 > 10.3.0.10:502"), switch_drop_peer_gone);
}

TEST_F(Guarded, needs_a_guard_that_is_one_and_ends_with_addresses_of_their_own) {
    network.rules.front().rule.via = model::PortName("press");
    compile_again();
    expect_drop(send("tcp 10.1.0.10:40000 > 10.3.0.10:502"), switch_drop_no_conduit);
    network.rules.front().rule.via = model::PortName("guard");
    network.rules.front().rule.to = model::PortName("internet");
    compile_again();
    EXPECT_EQ(ir.policy.size(), 1U);
}

// One that was straight, and one that was not: neither goes on the other way.
TEST_F(Guarded, is_cut_when_a_guard_comes_or_goes) {
    network.rules.front().rule.via = {};
    compile_again();
    ASSERT_EQ(send("tcp 10.1.0.10:40000 > 10.3.0.10:502").ifindex, wire);
    network.rules.front().rule.via = model::PortName("guard");
    network.rules.front().number = 7;  // a change is another rule
    network.rules.front().born = ir.epoch + 1;
    compile_again();
    ir.epoch += 1;
    expect_drop(send("tcp 10.1.0.10:40000 > 10.3.0.10:502 ack"), switch_drop_no_connection);
    ASSERT_EQ(send("tcp 10.1.0.10:40000 > 10.3.0.10:502").ifindex, guard);
    network.rules.front().rule.via = {};
    network.rules.front().number = 8;
    network.rules.front().born = ir.epoch + 1;
    const auto epoch = ir.epoch + 1;
    compile_again();
    ir.epoch = epoch;
    expect_drop(send("tcp 10.1.0.10:40000 > 10.3.0.10:502 ack"), switch_drop_no_connection);
}

TEST_F(Guarded, is_proved_and_is_not_any_more_without_its_guard) {
    ASSERT_TRUE(proof::disagreements(ir).empty());
    EXPECT_TRUE(is_proved(ir));
    Ir mutant = ir;
    mutant.rules.begin()->second.via = 0;
    EXPECT_FALSE(is_proved(mutant));
    EXPECT_FALSE(proof::differences(ir, mutant).empty());
    const auto reach = proof::reach(mutant);
    const auto unmeant = proof::unmeant(reach, ports(), meant());
    ASSERT_FALSE(unmeant.empty());
    EXPECT_EQ(unmeant.front()->via, 0U);
}

TEST_F(Guarded, is_not_proved_if_it_leads_to_what_is_no_guard) {
    Ir mutant = ir;
    mutant.rules.begin()->second.via =
        static_cast<std::uint16_t>(network.ports[model::PortName("press")].slot);
    EXPECT_FALSE(proof::disagreements(mutant).empty());
}

}  // namespace
}  // namespace bulkhead::vnet::test
