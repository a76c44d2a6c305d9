// Network cards that the switch takes over, and the hosts behind them. A veth's one end is the card, its
// other the cable.
#include "base/file.hpp"
#include "tests/vnet/lab.hpp"
#include "vnet/link.hpp"

namespace bulkhead::vnet::test {
namespace {

class Wires : public Lab {
  protected:
    void SetUp() override {
        Lab::SetUp();
        run("ip link add vnet-nic type veth peer name vnet-cable && ip link set vnet-cable up");
        wire.kind = model::PortKind::wire;
        host.kind = model::PortKind::host;
        host.wire = wire.name;
        host.vlan = 30;
    }
    void TearDown() override {
        Lab::TearDown();
        run("ip link del vnet-nic");
    }
    void expect_refused(const std::string& why) {
        const auto created = driver->execute(model::CreatePort{wire});
        ASSERT_FALSE(created);
        EXPECT_EQ(created.error().code, Code::refused);
        EXPECT_NE(created.error().text().find(why), std::string::npos) << created.error().text();
        EXPECT_EQ(Links::open()->find("vnet-nic").value()->alias, "") << "untouched";
    }

    model::Port wire{model::PortName("vnet-nic"), {}, 0, {}, {}, {}};
    model::Port host{model::end_port_name(model::EndName("plc")),
                     {},
                     0,
                     model::ZoneName("cell"),
                     *model::parse_mac("00:11:22:33:44:55"),
                     *model::parse_ipv4("10.20.1.77")};
};

TEST_F(Wires, a_card_is_taken_over_and_given_back_as_it_was) {
    execute(model::CreatePort{wire});
    EXPECT_EQ(observe().ports.at(wire.name), (model::ObservedPort{wire, true}));
    EXPECT_TRUE(Links::open()->find("vnet-nic").value()->promiscuous);
    driver = open();
    EXPECT_EQ(observe().ports.at(wire.name), (model::ObservedPort{wire, true})) << "after a start";
    execute(model::DeletePort{wire.name, {}});
    EXPECT_TRUE(observe().ports.empty());
    const auto left = Links::open()->find("vnet-nic").value();
    ASSERT_TRUE(left) << "it is not ours to delete";
    EXPECT_EQ(left->alias, "");
    EXPECT_FALSE(left->promiscuous);
    run("test -z \"$(tc filter show dev vnet-nic ingress)\"");
}

TEST_F(Wires, one_that_the_host_uses_is_refused_by_name) {
    run("ip addr add 192.0.2.7/24 dev vnet-nic");
    expect_refused("192.0.2.7");
    run("ip addr flush dev vnet-nic && ip link add vnet-br type bridge && ip link set vnet-nic master "
        "vnet-br");
    expect_refused("bridge");
    run("ip link del vnet-br");
    execute(model::CreatePort{wire});
    EXPECT_TRUE(observe().ports.at(wire.name).guarded);
}

TEST_F(Wires, one_that_is_not_there_is_told) {
    wire.name = model::PortName("vnet-none");
    const auto created = driver->execute(model::CreatePort{wire});
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, Code::not_found);
}

TEST_F(Wires, hosts_have_no_interface_and_live_through_a_start_with_their_rules) {
    execute(model::CreatePort{robot});
    execute(model::CreatePort{host});
    execute(model::CreatePort{wire});
    const auto polls = rule(robot, host, model::Transport::tcp, 502, "readings");
    execute(model::OpenConduit{model::ConduitName("readings"), {polls}});
    for (int start = 0; start < 2; ++start) {
        const auto seen = observe();
        EXPECT_EQ(seen.ports.at(host.name), (model::ObservedPort{host, true}));
        EXPECT_EQ(seen.rules, std::set<model::Rule>{polls});
        driver = open();
    }
    model::Port moved = host;
    moved.address = *model::parse_ipv4("10.20.1.78");
    execute(model::CreatePort{moved});
    EXPECT_EQ(observe().ports.at(host.name).port, moved);
    EXPECT_TRUE(observe().rules.contains(polls)) << "a host that moves keeps its conduits";
    execute(model::DeletePort{host.name, {}});
    EXPECT_FALSE(observe().ports.contains(host.name));
    EXPECT_TRUE(observe().rules.empty());
}

TEST_F(Wires, outsides_keep_their_networks_and_share_none) {
    model::Port cloud{model::end_port_name(model::EndName("cloud")), {}, 0, {}, {}, {}};
    cloud.kind = model::PortKind::outside;
    for (unsigned i = 0; i < 200; ++i) cloud.prefixes.push_back({model::Ipv4{0xC0000000U + (i << 8U)}, 24});
    execute(model::CreatePort{cloud});
    driver = open();
    EXPECT_EQ(observe().ports.at(cloud.name), (model::ObservedPort{cloud, true}));
    model::Port other = cloud;
    other.name = model::end_port_name(model::EndName("other"));
    const auto created = driver->execute(model::CreatePort{other});
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, Code::conflict);
}

TEST_F(Wires, a_routers_pair_is_made_and_goes) {
    model::Port router{model::router_port_name(model::ZoneName("cell")),
                       {},
                       0,
                       model::ZoneName("cell"),
                       model::router_mac(model::GatewayName("gateway"), model::ZoneName("cell")),
                       *model::parse_ipv4("10.20.1.1")};
    router.kind = model::PortKind::router;
    router.prefixes = {*model::parse_prefix("10.20.1.0/24")};
    execute(model::CreatePort{router});
    EXPECT_EQ(observe().ports.at(router.name), (model::ObservedPort{router, true}));
    const auto leg = model::router_leg_name(router.zone).str();
    EXPECT_TRUE(Links::open()->find(leg).value());
    execute(model::DeletePort{router.name, {}});
    EXPECT_FALSE(Links::open()->find(leg).value());
}

}  // namespace
}  // namespace bulkhead::vnet::test
