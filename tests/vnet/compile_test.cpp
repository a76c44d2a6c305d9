#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/vnet/ir_text.hpp"
#include "vnet/ir.hpp"
#include "vnet/rule_index.hpp"

namespace bulkhead::vnet::test {
namespace {

using model::PortKind;
using model::Transport;

// A network by hand. Slots go up from 1, interfaces from 11.
class Drawing {
  public:
    PlacedPort& add(const std::string& name, PortKind kind, const std::string& zone,
                    const std::string& address) {
        PlacedPort placed;
        placed.slot = static_cast<Slot>(network.ports.size() + 1);
        placed.ifindex = kind == PortKind::host || kind == PortKind::outside ? 0 : placed.slot + 10;
        placed.port.name = model::PortName(name);
        placed.port.kind = kind;
        placed.port.mac.bytes = {2, 0, 0, 0, 0, static_cast<std::uint8_t>(placed.slot)};
        if (!zone.empty()) {
            placed.port.zone = model::ZoneName(zone);
            network.zones.emplace(placed.port.zone, network.zones.size() + 1);
            placed.port.tenant = model::TenantName("of-" + zone);
            network.tenants.emplace(placed.port.tenant, network.tenants.size() + 1);
        }
        if (!address.empty()) placed.port.address = *model::parse_ipv4(address);
        return network.ports[placed.port.name] = placed;
    }

    PlacedRule& allow(const std::string& from, const std::string& to, Transport transport,
                      std::uint16_t port) {
        PlacedRule placed;
        placed.rule = {model::PortName(from), model::PortName(to), {transport, port}, 77, 0, {}};
        placed.number = static_cast<RuleNumber>(network.rules.size() + 1);
        placed.conduit = 5;
        placed.born = placed.number + 100;
        return network.rules.emplace_back(placed);
    }

    std::string text() const { return text_of(compile(network)); }

    Network network;
};

TEST(Compile, an_empty_network_is_an_empty_ir) {
    EXPECT_EQ(text_of(compile({})), "");
}

TEST(Compile, one_rule_between_two_taps) {
    Drawing drawing;
    drawing.add("robot", PortKind::tap, "cell", "10.20.1.10");
    drawing.add("admin", PortKind::tap, "it", "10.20.9.2").port.address6 = *model::parse_ipv6("fd00:9::2");
    drawing.allow("robot", "admin", Transport::tcp, 8883);
    EXPECT_EQ(drawing.text(),
              "source if11: tap slot 1 tenant 1 zone 1 02:00:00:00:00:01 10.20.1.10 - router 0\n"
              "source if12: tap slot 2 tenant 2 zone 2 02:00:00:00:00:02 10.20.9.2 fd00:9::2 router 0\n"
              "address 10.20.1.10: slot 1 tenant 1 zone 1 02:00:00:00:00:01 vlan 0\n"
              "address 10.20.9.2: slot 2 tenant 2 zone 2 02:00:00:00:00:02 vlan 0\n"
              "address fd00:9::2: slot 2 tenant 2 zone 2 02:00:00:00:00:02 vlan 0\n"
              "target 1: if11 vlan 0 02:00:00:00:00:01 gateway - born 0 guest\n"
              "target 2: if12 vlan 0 02:00:00:00:00:02 gateway - born 0 guest\n"
              "policy 1 > 2 6/8883: 0 then 1 since 0\n"
              "rule 1: born 101 conduit 5 bucket 0 mirror 0\n"
              "pair 1 2\n"
              "pair 2 1\n"
              "passage 1 2\n"
              "passage 2 1\n"
              "arrival if0 10.20.1.10: slot 1 zone 1 02:00:00:00:00:01 vlan 0\n"
              "arrival if0 10.20.9.2: slot 2 zone 2 02:00:00:00:00:02 vlan 0\n"
              "arrival if0 fd00:9::2: slot 2 zone 2 02:00:00:00:00:02 vlan 0\n"
              "arrival if11 10.20.1.10: slot 1 zone 1 02:00:00:00:00:01 vlan 0\n"
              "arrival if11 ffff::200:0:1: slot 1 zone 1 02:00:00:00:00:01 vlan 0\n"
              "arrival if11 ffff:ffff:ffff:ffff::: slot 1 zone 1 02:00:00:00:00:01 vlan 0\n"
              "arrival if12 10.20.9.2: slot 2 zone 2 02:00:00:00:00:02 vlan 0\n"
              "arrival if12 fd00:9::2: slot 2 zone 2 02:00:00:00:00:02 vlan 0\n"
              "arrival if12 ffff::200:0:2: slot 2 zone 2 02:00:00:00:00:02 vlan 0\n"
              "arrival if12 ffff:ffff:ffff:ffff::: slot 2 zone 2 02:00:00:00:00:02 vlan 0\n"
              "door if11: tap slot 1 zone 1 02:00:00:00:00:01 10.20.1.10 -\n"
              "door if12: tap slot 2 zone 2 02:00:00:00:00:02 10.20.9.2 fd00:9::2\n");
}

TEST(Compile, hosts_stand_behind_their_wire_under_their_tags) {
    Drawing drawing;
    drawing.add("eno2", PortKind::wire, "", "");
    for (const auto& [name, zone, address, vlan] :
         {std::tuple{"plc", "cell", "10.20.1.30", 30U}, std::tuple{"camera", "yard", "10.20.3.30", 0U}}) {
        auto& host = drawing.add(name, PortKind::host, zone, address).port;
        host.wire = model::PortName("eno2");
        host.vlan = vlan;
    }
    drawing.allow("camera", "plc", Transport::icmp, 0);
    EXPECT_EQ(drawing.text(),
              "source if11: wire slot 1 tenant 0 zone 0 02:00:00:00:00:01 - - router 0\n"
              "address 10.20.1.30: slot 2 tenant 1 zone 1 02:00:00:00:00:02 vlan 30\n"
              "address 10.20.3.30: slot 3 tenant 2 zone 2 02:00:00:00:00:03 vlan 0\n"
              "target 2: if11 vlan 30 02:00:00:00:00:02 gateway - born 0\n"
              "target 3: if11 vlan 0 02:00:00:00:00:03 gateway - born 0\n"
              "policy 3 > 2 1/0: 0 then 1 since 0\n"
              "rule 1: born 101 conduit 5 bucket 0 mirror 0\n"
              "pair 2 3\n"
              "pair 3 2\n"
              "passage 1 2\n"
              "passage 2 1\n"
              "arrival if0 10.20.1.30: slot 2 zone 1 02:00:00:00:00:02 vlan 30\n"
              "arrival if0 10.20.3.30: slot 3 zone 2 02:00:00:00:00:03 vlan 0\n"
              "arrival if11 10.20.1.30: slot 2 zone 1 02:00:00:00:00:02 vlan 30\n"
              "arrival if11 10.20.3.30: slot 3 zone 2 02:00:00:00:00:03 vlan 0\n"
              "arrival if11 ffff::200:0:2: slot 2 zone 1 02:00:00:00:00:02 vlan 30\n"
              "arrival if11 ffff::200:0:3: slot 3 zone 2 02:00:00:00:00:03 vlan 0\n"
              "arrival if11 ffff:ffff:ffff:ffff::: slot 3 zone 2 02:00:00:00:00:03 vlan 0\n"
              "arrival if11 ffff:ffff:ffff:ffff::1e00:0: slot 2 zone 1 02:00:00:00:00:02 vlan 30\n"
              "door if11: wire slot 1 zone 0 02:00:00:00:00:01\n");
}

TEST(Compile, a_router_leads_its_zone_outside_and_no_zone_is_outside) {
    Drawing drawing;
    auto& robot = drawing.add("robot", PortKind::tap, "cell", "10.20.1.10").port;
    robot.dhcp = true;
    robot.address6 = *model::parse_ipv6("fd00:1::10");
    auto& router = drawing.add("router", PortKind::router, "cell", "10.20.1.1").port;
    router.prefixes = {*model::parse_prefix("10.20.1.0/24")};
    router.prefixes6 = {*model::parse_prefix6("fd00:1::/64")};
    auto& cloud = drawing.add("cloud", PortKind::outside, "", "").port;
    cloud.prefixes = {*model::parse_prefix("0.0.0.0/0"), *model::parse_prefix("10.20.1.0/24")};
    drawing.allow("robot", "cloud", Transport::tcp, 443);
    EXPECT_EQ(
        drawing.text(),
        "source if11: tap slot 1 tenant 1 zone 1 02:00:00:00:00:01 10.20.1.10 fd00:1::10 router 2 dhcp\n"
        "source if12: router slot 2 tenant 1 zone 1 02:00:00:00:00:02 10.20.1.1 - router 0\n"
        "address 10.20.1.1: slot 2 tenant 1 zone 1 02:00:00:00:00:02 vlan 0\n"
        "address 10.20.1.10: slot 1 tenant 1 zone 1 02:00:00:00:00:01 vlan 0\n"
        "address fd00:1::10: slot 1 tenant 1 zone 1 02:00:00:00:00:01 vlan 0\n"
        "outside ff00::/8: slot 0\n"
        "outside fe80::/10: slot 0\n"
        "outside fd00:1::/64: slot 0\n"
        "outside 0.0.0.0/0: slot 3\n"
        "outside 224.0.0.0/3: slot 0\n"
        "outside 0.0.0.0/8: slot 0\n"
        "outside 127.0.0.0/8: slot 0\n"
        "outside 169.254.0.0/16: slot 0\n"
        "outside 10.20.1.0/24: slot 0\n"
        "outside ::/127: slot 0\n"
        "target 1: if11 vlan 0 02:00:00:00:00:01 gateway 02:00:00:00:00:02 born 0 guest\n"
        "target 2: if12 vlan 0 02:00:00:00:00:02 gateway - born 0\n"
        "target 3: if0 vlan 0 - gateway - born 0\n"
        "policy 1 > 3 6/443: 0 then 1 since 0\n"
        "rule 1: born 101 conduit 5 bucket 0 mirror 0\n"
        "pair 1 2\n"
        "pair 1 3\n"
        "pair 2 1\n"
        "pair 3 1\n"
        "passage 1 1\n"
        "arrival if0 10.20.1.1: slot 2 zone 1 02:00:00:00:00:02 vlan 0\n"
        "arrival if0 10.20.1.10: slot 1 zone 1 02:00:00:00:00:01 vlan 0\n"
        "arrival if0 fd00:1::10: slot 1 zone 1 02:00:00:00:00:01 vlan 0\n"
        "arrival if11 10.20.1.10: slot 1 zone 1 02:00:00:00:00:01 vlan 0\n"
        "arrival if11 fd00:1::10: slot 1 zone 1 02:00:00:00:00:01 vlan 0\n"
        "arrival if11 ffff::200:0:1: slot 1 zone 1 02:00:00:00:00:01 vlan 0\n"
        "arrival if11 ffff:ffff:ffff:ffff::: slot 1 zone 1 02:00:00:00:00:01 vlan 0\n"
        "arrival if12 10.20.1.1: slot 2 zone 1 02:00:00:00:00:02 vlan 0\n"
        "door if11: tap slot 1 zone 1 02:00:00:00:00:01 10.20.1.10 fd00:1::10\n"
        "door if12: router slot 2 zone 1 02:00:00:00:00:02 anyone\n"
        "zone 1: router 2 members 1\n");
}

TEST(Compile, rates_quotas_and_mirrors) {
    Drawing drawing;
    auto& robot = drawing.add("robot", PortKind::tap, "cell", "10.20.1.10").port;
    robot.rate = 800'000'000;  // bits per second
    robot.connections = 500;
    drawing.add("admin", PortKind::tap, "it", "10.20.9.2");
    drawing.add("listener", PortKind::mirror, "it", "");
    auto& rule = drawing.allow("robot", "admin", Transport::udp, 514).rule;
    rule.rate = 8000;
    rule.mirror = model::PortName("listener");
    const Ir ir = compile(drawing.network);
    EXPECT_EQ(ir.rules.at(1).bucket, SWITCH_PORTS + 5U);
    EXPECT_EQ(ir.rules.at(1).mirror, 3U);
    EXPECT_EQ(ir.targets.at(1).limited, 1U);
    EXPECT_EQ(ir.targets.at(2).limited, 0U);
    EXPECT_EQ(ir.buckets.at(1).rate, 100'000'000U);
    EXPECT_EQ(ir.buckets.at(1).burst, 5'000'000U);
    EXPECT_EQ(ir.buckets.at(SWITCH_PORTS + 5U).rate, 1000U);
    EXPECT_GE(ir.buckets.at(SWITCH_PORTS + 5U).burst, 65536U) << "a super-frame would never pass";
    EXPECT_EQ(ir.tenants.at(1).quota, 500U);
    EXPECT_FALSE(ir.tenants.contains(2)) << "the switch's default";
    EXPECT_EQ(ir.targets.at(3).ifindex, 13U);
    EXPECT_EQ(ir.sources.at(13).kind, switch_mirror) << "what a mirror sends is dropped under its name";
    EXPECT_EQ(ir.arrivals.size(), 8U) << "nothing is addressed to a mirror";
}

TEST(Compile, a_layer_2_protocol_goes_one_way_and_resolves_nothing) {
    Drawing drawing;
    drawing.add("plc", PortKind::tap, "cell", "10.20.1.10");
    drawing.add("drive", PortKind::tap, "cell", "10.20.1.11");
    drawing.allow("plc", "drive", Transport::layer2, 0x8892);
    const Ir ir = compile(drawing.network);
    EXPECT_TRUE(ir.policy.empty());
    EXPECT_TRUE(ir.pairs.empty());
    ASSERT_EQ(ir.layer2.size(), 1U);
    EXPECT_NE(text_of(ir).find("layer2 if11 02:00:00:00:00:01 vlan 0 slot 1 8892: to 2 rule 1\n"),
              std::string::npos)
        << text_of(ir);
    EXPECT_NE(text_of(ir).find("passage 1 1\n"), std::string::npos);
}

TEST(Compile, of_two_conduits_that_allow_the_same_the_former_counts) {
    Drawing drawing;
    drawing.add("robot", PortKind::tap, "cell", "10.20.1.10");
    drawing.add("admin", PortKind::tap, "it", "10.20.9.2");
    drawing.allow("robot", "admin", Transport::tcp, 22).born = 8;
    drawing.allow("robot", "admin", Transport::tcp, 22).born = 9;
    EXPECT_EQ(compile(drawing.network).policy.begin()->second.after, 1U);
    drawing.network.rules.front().born = 10;
    EXPECT_EQ(compile(drawing.network).policy.begin()->second.after, 2U);
}

TEST(Compile, a_rule_to_what_is_not_placed_or_can_be_no_end_opens_nothing) {
    Drawing drawing;
    drawing.add("robot", PortKind::tap, "cell", "10.20.1.10");
    drawing.add("gone", PortKind::tap, "cell", "10.20.1.11").slot = 0;
    drawing.add("listener", PortKind::mirror, "cell", "");
    drawing.add("eno2", PortKind::wire, "", "");
    drawing.add("cloud", PortKind::outside, "", "");
    drawing.add("internet", PortKind::outside, "", "");
    const Ir before = compile(drawing.network);
    for (const char* to : {"gone", "listener", "eno2", "nobody"}) {
        drawing.allow("robot", to, Transport::tcp, 80);
        drawing.allow(to, "robot", Transport::tcp, 80);
    }
    drawing.allow("cloud", "internet", Transport::tcp, 80);
    drawing.allow("robot", "internet", Transport::layer2, 0x8892);
    EXPECT_EQ(text_of(compile(drawing.network)), text_of(before));
}

TEST(Compile, a_port_that_is_not_there_keeps_its_address_and_gets_nothing) {
    Drawing drawing;
    drawing.add("robot", PortKind::tap, "cell", "10.20.1.10").ifindex = 0;
    const Ir ir = compile(drawing.network);
    EXPECT_TRUE(ir.sources.empty());
    EXPECT_EQ(ir.arrivals.size(), 1U) << "its address is a zone's all the same";
    EXPECT_TRUE(ir.doors.empty());
    EXPECT_EQ(ir.addresses.size(), 1U) << "a frame to it is refused as peer_gone";
    EXPECT_EQ(ir.targets.at(1).ifindex, 0U);
}

// What tables does for one conduit is what compile() does for all.
TEST(RuleIndex, rules_added_and_removed_in_any_order_are_what_compile_makes_of_those_left) {
    Drawing drawing;
    for (const char* zone : {"a", "b", "c"})
        for (const char* name : {"1", "2", "3"})
            drawing.add(std::string(zone) + name, PortKind::tap, zone, "10.0.0." + std::string(name));
    std::mt19937 random(4);
    const auto any_port = [&] {
        auto port = drawing.network.ports.begin();
        std::advance(port, random() % drawing.network.ports.size());
        return port->first;
    };
    RuleIndex index;
    std::vector<PlacedRule> present;
    for (unsigned step = 1; step < 3000; ++step) {
        if (present.empty() || random() % 5 < 3) {
            const bool layer2 = random() % 8 == 0;
            PlacedRule rule;
            rule.rule = {
                any_port(),
                any_port(),
                {layer2 ? Transport::layer2 : Transport::tcp, static_cast<std::uint16_t>(1 + random() % 3)},
                1,
                random() % 3 * 8000,
                {}};
            rule.number = step;
            rule.conduit = random() % 4;
            rule.born = static_cast<std::uint32_t>(1 + random() % 5);
            index.add(rule, *keys_of(drawing.network, rule.rule), 0);
            present.push_back(rule);
        } else {
            const auto gone = present.begin() + static_cast<std::ptrdiff_t>(random() % present.size());
            index.remove(*gone, *keys_of(drawing.network, gone->rule));
            present.erase(gone);
        }
        if (step % 50 != 0) continue;
        drawing.network.rules = present;
        std::ranges::shuffle(drawing.network.rules, random);
        ASSERT_EQ(text_of(merge(compile_ports(drawing.network), index.ir())), drawing.text())
            << "step " << step;
    }
}

}  // namespace
}  // namespace bulkhead::vnet::test
