#include <gtest/gtest.h>

#include "tests/vnet/explain/bed.hpp"
#include "vnet/explain/drop_name.hpp"

namespace bulkhead::vnet::test {
namespace {

using explain::Decision;
using explain::Verdict;

class Evaluate : public ::testing::Test, protected Bed {
  protected:
    void expect_drops(const Decision& decision, switch_drop reason) {
        EXPECT_EQ(decision.verdict, Verdict::dropped);
        EXPECT_EQ(explain::drop_name(decision.reason), explain::drop_name(reason));
    }
    void expect_passes(const Decision& decision, std::uint32_t to, RuleNumber rule) {
        EXPECT_EQ(decision.verdict, Verdict::passes) << explain::drop_name(decision.reason);
        EXPECT_EQ(decision.ifindex, to);
        EXPECT_EQ(decision.rule, rule);
    }
};

TEST_F(Evaluate, drops_all_that_no_rule_allows) {
    expect_drops(send("tcp 10.1.0.10:40000 > 10.1.0.11:80"), switch_drop_no_conduit);
    allow("robot", "press", model::Transport::tcp, 80);
    expect_drops(send("tcp 10.1.0.10:40000 > 10.1.0.11:81"), switch_drop_service);
    expect_drops(send("udp 10.1.0.10:40000 > 10.1.0.11:80"), switch_drop_service);
    expect_drops(send("tcp 10.1.0.11:80 > 10.1.0.10:40000"), switch_drop_direction);
    expect_drops(send("tcp 10.1.0.10:40000 > 10.1.0.11:80 ack"), switch_drop_no_connection);
}

TEST_F(Evaluate, passes_a_flow_under_its_rule_and_its_answers) {
    const RuleNumber rule = allow("robot", "press", model::Transport::tcp, 80);
    const Decision opened = send("tcp 10.1.0.10:40000 > 10.1.0.11:80");
    expect_passes(opened, press, rule);
    EXPECT_EQ(opened.state, std::nullopt);
    expect_drops(send("tcp 10.1.0.11:80 > 10.1.0.10:40001 syn,ack"), switch_drop_no_connection);
    auto answer = *explain::parse_words("tcp 10.1.0.11:80 > 10.1.0.10:40000 syn,ack");
    answer.acknowledged = 1;
    expect_passes(send(press, frame_of(answer, wrapping_for(ir, press, answer))), robot, rule);
}

TEST_F(Evaluate, a_revoked_rule_ends_its_flows) {
    allow("robot", "press", model::Transport::udp, 53);
    expect_passes(send("udp 10.1.0.10:40000 > 10.1.0.11:53"), press, 1);
    network.rules.clear();
    compile_again();
    expect_drops(send("udp 10.1.0.11:53 > 10.1.0.10:40000"), switch_drop_no_conduit);
    EXPECT_TRUE(memory.connections.empty());
}

TEST_F(Evaluate, each_epoch_has_one_policy) {
    allow("robot", "press", model::Transport::udp, 53);
    ir.policy.begin()->second = {.before = 0, .after = 1, .since = 2};
    expect_drops(send("udp 10.1.0.10:40000 > 10.1.0.11:53"), switch_drop_service);
    ir.epoch = 2;
    expect_passes(send("udp 10.1.0.10:40000 > 10.1.0.11:53"), press, 1);
}

TEST_F(Evaluate, routes_between_zones_and_takes_a_hop) {
    allow("robot", "admin", model::Transport::icmp, 0);
    const Decision decision = send("icmp 10.1.0.10 > 10.2.0.10");
    expect_passes(decision, admin, 1);
    EXPECT_TRUE(decision.routed);
    auto words = *explain::parse_words("icmp 10.1.0.10 > 10.2.0.10");
    words.hops = 1;
    expect_drops(send(robot, frame_of(words, wrapping_for(ir, robot, words))), switch_drop_hop_limit);
}

TEST_F(Evaluate, believes_nobody_who_says_to_be_another) {
    allow("robot", "press", model::Transport::udp, 53);
    expect_drops(send(admin, frame("udp 10.1.0.10:40000 > 10.1.0.11:53")), switch_drop_source_mac);
    auto forged = frame("udp 10.1.0.11:40000 > 10.1.0.10:53");
    forged[11] = 1;  // the robot's MAC address
    expect_drops(send(robot, forged), switch_drop_source_address);
    // The outside is everything, but not what stands in a zone.
    auto words = *explain::parse_words("udp 10.2.0.10:53 > 10.1.0.10:40000");
    expect_drops(send(router, frame_of(words, wrapping_for(ir, router, words))), switch_drop_source_address);
}

TEST_F(Evaluate, knows_a_host_behind_a_wire_by_address_tag_and_mac) {
    allow("plc", "robot", model::Transport::tcp, 502);
    const auto right = frame("tcp 10.3.0.10:40000 > 10.1.0.10:502");
    expect_passes(send(wire, right), robot, 1);
    auto tag = right;
    tag[15] = 31;
    expect_drops(send(wire, tag), switch_drop_vlan);
    auto mac = right;
    mac[11] ^= 1;
    expect_drops(send(wire, mac), switch_drop_source_mac);
    expect_drops(send(robot, right), switch_drop_vlan);
    const Decision back = send(robot, frame("tcp 10.1.0.10:502 > 10.3.0.10:40000 rst,ack"));
    EXPECT_EQ(back.vlan, 30);
}

TEST_F(Evaluate, answers_for_neighbours_that_may_be_known) {
    EXPECT_EQ(send("arp 10.1.0.10 > 10.1.0.1").verdict, Verdict::answered);
    expect_drops(send("arp 10.1.0.10 > 10.1.0.11"), switch_drop_unknown_neighbour);
    allow("robot", "press", model::Transport::tcp, 80);
    EXPECT_EQ(send("arp 10.1.0.10 > 10.1.0.11").verdict, Verdict::answered);
    EXPECT_EQ(send("nd fd00:1::10 > fd00:1::11").verdict, Verdict::answered);
    EXPECT_EQ(send("arp 10.1.0.10 > 10.1.0.10").verdict, Verdict::absorbed);
}

TEST_F(Evaluate, an_error_passes_only_about_a_flow_that_is_there) {
    allow("robot", "press", model::Transport::udp, 53);
    auto error = frame("icmp 10.1.0.11 > 10.1.0.10");
    const auto quoted = frame("udp 10.1.0.10:40000 > 10.1.0.11:53");
    error.insert(error.end(), quoted.begin() + 14, quoted.end());
    error[17] = static_cast<std::uint8_t>(error.size() - 14);
    error[25] = static_cast<std::uint8_t>(error[25] - 28);  // the header's sum follows its length
    error[34] = 3;
    expect_drops(send(press, error), switch_drop_icmp_error);
    send("udp 10.1.0.10:40000 > 10.1.0.11:53");
    expect_passes(send(press, error), robot, 1);
}

TEST_F(Evaluate, a_tenant_can_not_have_more_connections_than_its_quota) {
    network.ports[model::PortName("robot")].port.connections = 1;
    allow("robot", "press", model::Transport::udp, 53);
    expect_passes(send("udp 10.1.0.10:40000 > 10.1.0.11:53"), press, 1);
    expect_drops(send("udp 10.1.0.10:40001 > 10.1.0.11:53"), switch_drop_connections_full);
    expect_passes(send("udp 10.1.0.10:40000 > 10.1.0.11:53"), press, 1);
}

}  // namespace
}  // namespace bulkhead::vnet::test
