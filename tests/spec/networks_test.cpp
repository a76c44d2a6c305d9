#include "model/resources.hpp"
#include "tests/spec/edited.hpp"

namespace bulkhead::spec {
namespace {

constexpr const char* cell = "subnet: 10.20.1.0/24}";
constexpr const char* offices = "subnet: 10.20.9.0/24}";
constexpr const char* allow = "allow: [tcp/8883, icmp]";

model::Spec read(const std::vector<Edit>& edits) {
    const auto spec = read_spec(edited(edits), "f.yaml");
    EXPECT_TRUE(spec) << told(edits);
    return spec ? *spec : model::Spec{};
}

// `cell` with a wire in front of its closing brace.
std::string wired(const std::string& wire) {
    return "subnet: 10.20.1.0/24, wire: " + wire + "}";
}

TEST(Ipv6, gives_an_interface_the_address_of_its_mac_if_none_is_written) {
    const Edit zone{cell, "subnet: 10.20.1.0/24, subnet6: \"fd20:1::/64\"}"};
    const auto spec = read({zone});
    const auto& interface = spec.partitions[0].interfaces[0];
    ASSERT_TRUE(interface.address6);
    EXPECT_EQ(*interface.address6, model::eui64(*spec.zones[0].subnet6,
                                                model::port_mac(spec.gateway, spec.partitions[0].name, 0)));
    EXPECT_FALSE(spec.partitions[1].interfaces[0].address6);
    const auto written = read({zone, {robot_address, "address: 10.20.1.10, address6: \"fd20:1::10\"}"}});
    EXPECT_EQ(to_string(*written.partitions[0].interfaces[0].address6), "fd20:1::10");
}

TEST(Ipv6, refuses_subnets_and_addresses_that_can_not_be) {
    EXPECT_EQ(
        told(cell, "subnet: 10.20.1.0/24, subnet6: \"fd20:1::/48\"}"),
        "f.yaml:11:68: 'fd20:1::/48' can't be the IPv6 subnet of a zone; wanted a unique local or global "
        "unicast /64, such as fd20:1::/64");
    EXPECT_NE(told(cell, "subnet: 10.20.1.0/24, subnet6: \"fe80::/64\"}").find("can't be the IPv6 subnet"),
              std::string::npos);
    EXPECT_NE(told(cell, "subnet: 10.20.1.0/24, subnet6: \"fd20:1::1/64\"}").find("write fd20:1::/64"),
              std::string::npos);
    EXPECT_NE(told({{cell, "subnet: 10.20.1.0/24, subnet6: \"fd20:1::/64\"}"},
                    {offices, "subnet: 10.20.9.0/24, subnet6: \"fd20:1::/64\"}"}})
                  .find("overlaps fd20:1::/64 of zone 'acme-cell'"),
              std::string::npos);
    EXPECT_NE(told(robot_address, "address: 10.20.1.10, address6: \"fd20:1::10\"}").find("has no subnet6"),
              std::string::npos);
    EXPECT_NE(told({{cell, "subnet: 10.20.1.0/24, subnet6: \"fd20:1::/64\"}"},
                    {robot_address, "address: 10.20.1.10, address6: \"fd20:2::10\"}"}})
                  .find("fd20:2::10 is outside zone 'acme-cell'"),
              std::string::npos);
}

TEST(Wires, carry_hosts_that_conduits_can_name) {
    const auto spec =
        read({{cell, wired("{interface: enp3s0, vlan: 100, hosts: [{name: plc-1, mac: \"02:00:00:00:00:01\", "
                           "address: 10.20.1.40}]}")},
              {"to: it-admin", "to: plc-1"}});
    const auto [host, zone] = spec.find_host(model::EndName("plc-1"));
    ASSERT_NE(host, nullptr);
    EXPECT_EQ(zone->wire->interface, "enp3s0");
    EXPECT_EQ(zone->wire->vlan, 100U);
    EXPECT_EQ(to_string(host->address), "10.20.1.40");
    EXPECT_EQ(spec.conduits[0].to.str(), "plc-1");
}

TEST(Wires, refuse_what_can_not_be) {
    EXPECT_NE(told(cell, wired("{interface: enp3s0, vlan: 4095}")).find("a whole number from 1 to 4094"),
              std::string::npos);
    EXPECT_NE(
        told(cell, wired("{interface: a-name-that-is-too-long}")).find("can't be the name of a network card"),
        std::string::npos);
    EXPECT_NE(told(cell, wired("{interface: lo}")).find("can't be the name of a network card"),
              std::string::npos);
    EXPECT_NE(told({{cell, wired("{interface: enp3s0, vlan: 7}")},
                    {offices, "subnet: 10.20.9.0/24, wire: {interface: enp3s0, vlan: 7}}"}})
                  .find("enp3s0, VLAN 7 is in use already"),
              std::string::npos);
    const auto host = [](const std::string& rest) {
        return wired("{interface: enp3s0, hosts: [{name: " + rest + "}]}");
    };
    EXPECT_NE(
        told(cell, host("plc-1, mac: \"01:00:5e:00:00:01\", address: 10.20.1.40")).find("a unicast MAC"),
        std::string::npos);
    EXPECT_NE(
        told(cell, host("plc-1, mac: \"02:00:00:00:00:01\", address: 10.20.9.40")).find("is outside zone"),
        std::string::npos);
    EXPECT_NE(told(cell, host("plc-1, mac: \"02:00:00:00:00:01\", address: 10.20.1.10"))
                  .find("is the address of another interface"),
              std::string::npos);
    EXPECT_NE(told(cell, host("it-admin, mac: \"02:00:00:00:00:01\", address: 10.20.1.40"))
                  .find("partition, host or outside 'it-admin' is there twice"),
              std::string::npos);
}

TEST(Wires, of_two_zones_share_a_card_by_their_tags) {
    const auto spec = read({{cell, wired("{interface: enp3s0, vlan: 7}")},
                            {offices, "subnet: 10.20.9.0/24, wire: {interface: enp3s0, vlan: 8}}"}});
    EXPECT_EQ(spec.zones[1].wire->vlan, 8U);
}

TEST(Protocols, pass_only_between_zones_that_declare_them) {
    const std::string declared = "subnet: 10.20.1.0/24, protocols: [profinet]}";
    EXPECT_EQ(told({{cell, declared}, {allow, "allow: [profinet]"}}),
              "f.yaml:34:62: no zone of 'it-admin' declares profinet; add it to the zone's protocols");
    EXPECT_EQ(told({{cell, declared},
                    {offices, "subnet: 10.20.9.0/24, protocols: [goose, profinet]}"},
                    {allow, "allow: [profinet]"}}),
              "accepted");
    EXPECT_NE(told(cell, "subnet: 10.20.1.0/24, protocols: [modbus]}").find("profinet, goose or ethercat"),
              std::string::npos);
    EXPECT_NE(told(cell, "subnet: 10.20.1.0/24, protocols: [goose, goose]}").find("is there twice"),
              std::string::npos);
}

TEST(Rates, are_read_in_bits_per_second) {
    const auto spec = read(
        {{robot_address, "address: 10.20.1.10, rate: 10Mbit/s}"}, {allow, "rate: 512kbit/s, allow: [icmp]"}});
    EXPECT_EQ(spec.partitions[0].interfaces[0].rate, 10'000'000U);
    EXPECT_EQ(spec.conduits[0].rate, 512'000U);
    for (const char* rate : {"10", "10Mb", "0kbit/s", "2000Gbit/s", "1.5Mbit/s"})
        EXPECT_NE(told(allow, "rate: " + std::string(rate) + ", allow: [icmp]").find("f.yaml:34:"),
                  std::string::npos)
            << rate;
}

TEST(Mirrors, are_interfaces_without_a_place) {
    const Edit mirror{"address: 10.20.9.2}", "address: 10.20.9.2}, {mirror: true}"};
    const auto spec = read({mirror, {allow, "mirror: it-admin, allow: [icmp]"}});
    EXPECT_TRUE(spec.partitions[1].interfaces[1].mirror);
    EXPECT_EQ(spec.conduits[0].mirror, model::PartitionName("it-admin"));
    EXPECT_NE(told(allow, "mirror: it-admin, allow: [icmp]").find("has no interface for copies"),
              std::string::npos);
    EXPECT_NE(told("address: 10.20.9.2}", "address: 10.20.9.2}, {mirror: true, zone: management}")
                  .find("a mirror has no zone"),
              std::string::npos);
    EXPECT_NE(told("{zone: management, address: 10.20.9.2}", "{mirror: true}").find("has no interface"),
              std::string::npos);
}

TEST(Levels, are_read) {
    const auto spec = read({{cell, "subnet: 10.20.1.0/24, level: control}"}});
    EXPECT_EQ(spec.zones[0].level, model::Level::control);
    EXPECT_EQ(spec.zones[1].level, model::Level::none);
    EXPECT_NE(told(cell, "subnet: 10.20.1.0/24, level: office}").find("wanted one of none, control"),
              std::string::npos);
}

TEST(Quotas, may_say_how_many_connections_a_tenant_has) {
    EXPECT_EQ(read({{"partitions: 2}", "partitions: 2, connections: 100}"}}).tenants[0].quota.connections,
              100U);
    EXPECT_NE(
        told("partitions: 2}", "partitions: 2, connections: 3}").find("a whole number from 16 to 65536"),
        std::string::npos);
}

}  // namespace
}  // namespace bulkhead::spec
