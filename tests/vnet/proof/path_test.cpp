#include "vnet/proof/path.hpp"

#include <gtest/gtest.h>

#include "tests/vnet/explain/bed.hpp"
#include "vnet/proof/intent.hpp"

namespace bulkhead::vnet::test {
namespace {

using proof::Edge;
using proof::Step;
using proof::Way;

class Paths : public ::testing::Test, protected Bed {
  protected:
    Paths() {
        for (auto& [name, placed] : network.ports)
            if (placed.port.kind == model::PortKind::tap)
                placed.port.partition = model::PartitionName(name.str());
    }
    Slot slot(const std::string& name) { return network.ports.at(model::PortName(name)).slot; }
    proof::Ports ports() const {
        proof::Ports ports;
        for (const auto& [name, placed] : network.ports) ports[placed.slot] = placed;
        return ports;
    }
    model::Port& port(const std::string& name) { return network.ports.at(model::PortName(name)).port; }
    // The way in words: "robot>admin", "admin~press" for what is passed on.
    std::string way(const std::string& from, const std::string& to) {
        const auto reach = proof::reach(ir);
        const auto joints = proof::joints(ports());
        std::string text;
        for (const Step& step : find_path(reach, joints, {slot(from)}, {slot(to)}))
            text += (text.empty() ? "" : " ") + name(step.from) + (step.joint ? "~" : ">") + name(step.to);
        return text;
    }
    std::string name(Slot slot) const {
        for (const auto& [name, placed] : network.ports)
            if (placed.slot == slot) return name.str();
        return "?";
    }
    std::set<model::Rule> meant() const {
        std::set<model::Rule> rules;
        for (const auto& placed : network.rules) rules.insert(placed.rule);
        return rules;
    }
};

TEST_F(Paths, a_rule_is_a_way_there_and_its_answers_one_back) {
    EXPECT_EQ(way("robot", "admin"), "");
    allow("robot", "admin", model::Transport::tcp, 443);
    EXPECT_EQ(way("robot", "admin"), "robot>admin");
    EXPECT_EQ(way("admin", "robot"), "admin>robot");
    EXPECT_EQ(way("press", "admin"), "");
}

TEST_F(Paths, two_rules_are_no_way_through_who_has_one_interface) {
    allow("robot", "admin", model::Transport::tcp, 443);
    allow("admin", "press", model::Transport::tcp, 443);
    EXPECT_EQ(way("robot", "press"), "");
}

TEST_F(Paths, a_partition_in_two_zones_may_pass_on) {
    port("admin").partition = port("press").partition = model::PartitionName("bridge");
    allow("robot", "press", model::Transport::tcp, 443);
    allow("admin", "plc", model::Transport::tcp, 502);
    EXPECT_EQ(way("robot", "plc"), "robot>press press~admin admin>plc");
}

TEST_F(Paths, what_a_joint_only_answers_is_no_way_through_it) {
    port("admin").partition = port("press").partition = model::PartitionName("bridge");
    allow("robot", "press", model::Transport::tcp, 443);
    allow("plc", "admin", model::Transport::tcp, 502);
    EXPECT_EQ(way("robot", "plc"), "");
}

TEST_F(Paths, the_networks_beyond_send_back_what_they_get) {
    allow("robot", "internet", model::Transport::tcp, 443);
    EXPECT_EQ(way("robot", "press"), "");
    allow("internet", "press", model::Transport::tcp, 8443);
    EXPECT_EQ(way("robot", "press"), "robot>internet internet~internet internet>press");
    EXPECT_EQ(way("admin", "press"), "");
}

TEST_F(Paths, machines_on_one_cable_reach_each_other_without_us) {
    PlacedPort drive = network.ports.at(model::PortName("plc"));
    drive.slot = static_cast<Slot>(network.ports.size() + 1);
    drive.port.name = model::PortName("drive");
    drive.port.mac = model::Mac{{2, 0, 0, 0, 0, 99}};
    drive.port.address = *model::parse_ipv4("10.3.0.11");
    network.ports[drive.port.name] = drive;
    allow("robot", "plc", model::Transport::tcp, 502);
    allow("drive", "admin", model::Transport::tcp, 443);
    EXPECT_EQ(way("robot", "drive"), "robot>plc plc~drive");
    EXPECT_EQ(way("plc", "admin"), "plc~drive drive>admin");
    drive.port.vlan = 31;
    network.ports[drive.port.name] = drive;
    compile_again();
    EXPECT_EQ(way("robot", "drive"), "");
}

TEST_F(Paths, each_way_is_explained_by_its_rule) {
    allow("robot", "admin", model::Transport::tcp, 443);
    allow("plc", "robot", model::Transport::udp, 502);
    allow("robot", "press", model::Transport::icmp, 0);
    allow("press", "robot", model::Transport::layer2, 0x8892);
    port("robot").dhcp = true;
    compile_again();
    const auto reach = proof::reach(ir);
    for (const Edge* edge : proof::unmeant(reach, ports(), meant()))
        ADD_FAILURE() << name(edge->from) << " > " << name(edge->to) << " "
                      << (edge->witnesses.empty() ? "" : edge->witnesses.back().words());
    EXPECT_TRUE(proof::unmet(reach, ports(), meant()).empty());
}

// Each rule left out of what is meant is a way that nobody meant; each added is one that is not there.
TEST_F(Paths, one_rule_more_or_less_is_seen) {
    allow("robot", "admin", model::Transport::tcp, 443);
    allow("plc", "robot", model::Transport::udp, 502);
    allow("robot", "press", model::Transport::icmp, 0);
    allow("press", "robot", model::Transport::layer2, 0x8892);
    allow("robot", "internet", model::Transport::tcp, 80);
    const auto reach = proof::reach(ir);
    for (const auto& rule : meant()) {
        auto fewer = meant();
        fewer.erase(rule);
        EXPECT_FALSE(proof::unmeant(reach, ports(), fewer).empty()) << rule.from.str() << rule.to.str();
        auto more = meant();
        model::Rule other = rule;
        ++other.service.port;
        more.insert(other);
        EXPECT_EQ(proof::unmet(reach, ports(), more), std::vector{other});
    }
}

}  // namespace
}  // namespace bulkhead::vnet::test
