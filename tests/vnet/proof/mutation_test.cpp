// Every entry of every table, taken away, altered, and one added: told as a difference from what was meant,
// and where tables contradict each other, without knowing what was meant.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/vnet/explain/bed.hpp"
#include "vnet/proof/agreement.hpp"
#include "vnet/proof/reach.hpp"

namespace bulkhead::vnet::test {
namespace {

struct Count {
    unsigned mutations = 0;
    unsigned told = 0;         // against what was meant
    unsigned contradicts = 0;  // by the tables alone
};

class Mutations : public ::testing::Test, protected Bed {
  protected:
    Mutations() {
        network.ports[model::PortName("robot")].port.dhcp = true;
        network.ports[model::PortName("robot")].port.rate = 1000000;
        network.ports[model::PortName("robot")].port.connections = 100;
        allow("robot", "admin", model::Transport::tcp, 443);
        allow("plc", "robot", model::Transport::tcp, 502);
        PlacedPort& guard = network.ports[model::PortName("guard")];
        guard.slot = static_cast<Slot>(network.ports.size());
        guard.ifindex = 16;
        guard.port.name = model::PortName("guard");
        guard.port.kind = model::PortKind::guard;
        guard.port.mac = model::Mac{{2, 0, 0, 0, 0, 99}};
        network.rules.back().rule.via = guard.port.name;
        compile_again();
        allow("press", "robot", model::Transport::icmp, 0);
        allow("robot", "internet", model::Transport::udp, 123);
        allow("robot", "press", model::Transport::layer2, 0x8892);
    }

    void judge(const Ir& mutant) {
        ++count_.mutations;
        if (!proof::differences(ir, mutant).empty()) ++count_.told;
        if (!proof::disagreements(mutant).empty()) ++count_.contradicts;
    }

    template <class Key, class Value>
    void mutate(const char* name, Table<Key, Value> Ir::* table) {
        count_ = {};
        ASSERT_FALSE((ir.*table).empty()) << name << ": this test can't fail";
        for (const auto& [key, value] : ir.*table) {
            Ir without = ir;
            (without.*table).erase(key);
            judge(without);
            for (std::size_t at = 0; at < sizeof value; ++at) {
                Ir altered = ir;
                reinterpret_cast<unsigned char*>(&(altered.*table)[key])[at] ^= 1;
                if constexpr (std::is_same_v<Value, switch_bucket>)
                    if (at >= offsetof(switch_bucket, full)) continue;  // the moment's
                if constexpr (std::is_same_v<Value, switch_choice>)
                    if (at < offsetof(switch_choice, after) || at >= offsetof(switch_choice, since))
                        continue;  // of other epochs
                judge(altered);
            }
            for (std::size_t at = 0; at < sizeof key; ++at) {
                Ir added = ir;
                Key other = key;
                reinterpret_cast<unsigned char*>(&other)[at] ^= 0x40;
                if ((ir.*table).contains(other)) continue;
                (added.*table)[other] = value;
                judge(added);
            }
        }
        EXPECT_EQ(count_.told, count_.mutations) << name;
        std::cout << "  " << name << ": " << count_.mutations << " mutations, all told; "
                  << count_.contradicts << " contradict another table\n";
        total_ += count_.mutations;
        contradictions_ += count_.contradicts;
    }

    Count count_;
    unsigned total_ = 0;
    unsigned contradictions_ = 0;
};

TEST_F(Mutations, of_every_entry_are_told) {
    ASSERT_TRUE(proof::disagreements(ir).empty()) << proof::disagreements(ir).front().what;
    mutate("sources", &Ir::sources);
    mutate("addresses", &Ir::addresses);
    mutate("outside", &Ir::outside);
    mutate("targets", &Ir::targets);
    mutate("policy", &Ir::policy);
    mutate("rules", &Ir::rules);
    mutate("pairs", &Ir::pairs);
    mutate("passages", &Ir::passages);
    mutate("arrivals", &Ir::arrivals);
    mutate("doors", &Ir::doors);
    mutate("layer2", &Ir::layer2);
    mutate("zones", &Ir::zones);
    mutate("tenants", &Ir::tenants);
    mutate("buckets", &Ir::buckets);
    std::cout << total_ << " mutations, " << contradictions_
              << " of them seen without knowing what was meant\n";
    EXPECT_GT(contradictions_, 500U);
}

// A rule's entry that nobody meant leads nowhere; with the rule behind it, it is a path, and the proof shows
// the frame.
TEST_F(Mutations, a_foreign_entry_is_a_path_with_a_frame_to_show) {
    const Slot from = network.ports[model::PortName("press")].slot;
    const Slot to = network.ports[model::PortName("admin")].slot;
    const auto leads = [&](const Ir& tables) {
        const auto found = proof::reach(tables);
        return std::ranges::any_of(found.edges,
                                   [&](const auto& edge) { return edge.from == from && edge.to == to; });
    };
    EXPECT_FALSE(leads(ir));
    Ir mutant = ir;
    const switch_flow flow{from, to, 0xbb01, 6, 0};
    const switch_choice choice = ir.policy.begin()->second;
    mutant.policy[flow] = choice;
    EXPECT_FALSE(leads(mutant));
    EXPECT_FALSE(proof::disagreements(mutant).empty());
    mutant.rules.at(choice.after).flow = flow;
    EXPECT_TRUE(leads(mutant));
    EXPECT_FALSE(proof::disagreements(mutant).empty());
}

}  // namespace
}  // namespace bulkhead::vnet::test
