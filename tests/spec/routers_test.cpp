#include "model/resources.hpp"
#include "tests/spec/edited.hpp"

namespace bulkhead::spec {
namespace {

constexpr const char* end = R"(because: "IT collects the readings"})";

// What follows the document's last conduit.
Edit with(const std::string& more) {
    return {end, std::string(end) + "\n" + more};
}

const std::string surf =
    "  - {name: surf, from: robot-cell, to: beyond, allow: [tcp/443], because: updates}\n";
const std::string beyond = "outsides:\n  - {name: beyond, prefixes: [0.0.0.0/0]}\n";
const std::string wan =
    "uplinks:\n  - {name: wan, interface: enp2s0, address: 192.0.2.10/24, gateway: 192.0.2.1}\n";
const std::string router = "routers:\n  - {tenant: acme, zones: [acme-cell], uplinks: [wan]}\n";

std::string with_router(const std::string& written) {
    return told({with(surf + beyond + wan + written)});
}

TEST(Routers, serve_zones_and_lead_to_the_outside) {
    const auto spec = read_spec(
        edited(
            {{robot_address, "address: 10.20.1.10, dhcp: true}"},
             with(surf + beyond +
                  "uplinks:\n"
                  "  - {name: wan, interface: enp2s0, address: 192.0.2.10/24, gateway: 192.0.2.1, priority: "
                  "10,\n"
                  "     probe: {targets: [icmp/192.0.2.1, tcp/198.51.100.7:443], every: 2s, failures: 2}}\n"
                  "  - {name: office, interface: enp1s0, use: management}\n"
                  "routers:\n"
                  "  - {tenant: acme, zones: [acme-cell], uplinks: [wan], names: [updates.example.com],\n"
                  "     resolvers: [192.0.2.53]}\n")}),
        "f.yaml");
    ASSERT_TRUE(spec) << spec.error().front().text();
    EXPECT_TRUE(spec->partitions[0].interfaces[0].dhcp);
    const auto& uplink = spec->uplinks[0];
    EXPECT_EQ(to_string(uplink.address.address), "192.0.2.10");
    EXPECT_EQ(to_string(uplink.address.network), "192.0.2.0/24");
    EXPECT_EQ(uplink.priority, 10U);
    EXPECT_EQ(uplink.probe.period, std::chrono::seconds(2));
    EXPECT_EQ(uplink.probe.failures, 2U);
    ASSERT_EQ(uplink.probe.targets.size(), 2U);
    EXPECT_EQ(uplink.probe.targets[1].service, (model::Service{model::Transport::tcp, 443}));
    EXPECT_EQ(spec->uplinks[1].use, model::UplinkUse::management);
    EXPECT_EQ(spec->router_of(model::ZoneName("acme-cell"))->tenant.str(), "acme");
    EXPECT_EQ(spec->router_of(model::ZoneName("management")), nullptr);
}

TEST(Routers, never_use_the_managements_uplink) {
    EXPECT_EQ(
        told({with(surf + beyond + "uplinks:\n  - {name: wan, interface: enp2s0, use: management}\n" +
                   router)}),
        "f.yaml:41:50: uplink 'wan' carries the management's traffic; wanted an uplink for tenants; the two "
        "must not meet, whatever fails");
    EXPECT_NE(
        told(
            {with(surf + beyond + wan + "  - {name: office, interface: enp2s0, use: management}\n" + router)})
            .find(
                "enp2s0 carries the management's traffic or a tenant's, and uplink 'wan' the other; wanted a "
                "card or a VLAN of its own for the management"),
        std::string::npos);
    EXPECT_NE(told({{"subnet: 10.20.1.0/24}", "subnet: 10.20.1.0/24, wire: {interface: enp1s0, vlan: 7}}"},
                    with(surf + beyond + wan + "  - {name: office, interface: enp1s0, use: management}\n" +
                         router)})
                  .find("enp1s0 is in use already"),
              std::string::npos);
    EXPECT_NE(
        told(
            {with(
                "uplinks:\n  - {name: office, interface: enp1s0, use: management, address: 192.0.2.9/24}\n")})
            .find("the management's uplink is set up by the host: it has no address here"),
        std::string::npos);
}

TEST(Routers, share_no_uplink_between_tenants) {
    EXPECT_NE(with_router(router + "  - {tenant: it, zones: [management], uplinks: [wan]}\n")
                  .find("uplink 'wan' is another tenant's"),
              std::string::npos);
}

TEST(Routers, refuse_what_they_can_not_serve) {
    EXPECT_EQ(with_router(router), "accepted");
    EXPECT_NE(with_router("routers:\n  - {tenant: acme, zones: [management], uplinks: [wan]}\n")
                  .find("zone 'management' belongs to tenant 'it'"),
              std::string::npos);
    EXPECT_NE(with_router("routers:\n  - {tenant: acme, zones: [acme-cell]}\n")
                  .find("'robot-cell' has no way out: no router with an uplink serves its zone"),
              std::string::npos);
    EXPECT_NE(with_router(
                  "routers:\n  - {tenant: acme, zones: [acme-cell], uplinks: [wan], names: [example.com]}\n")
                  .find("resolvers is missing"),
              std::string::npos);
    EXPECT_NE(
        with_router("routers:\n  - {tenant: acme, zones: [acme-cell], uplinks: [wan], names: [\"a b\"], "
                    "resolvers: [192.0.2.53]}\n")
            .find("'a b' is not a name of the DNS"),
        std::string::npos);
    EXPECT_NE(told({{robot_address, "address: 10.20.1.10, dhcp: true}"}})
                  .find("zone 'acme-cell' has no router to give"),
              std::string::npos);
    EXPECT_NE(told({{robot_address, "address: 10.20.1.1}"}, with(surf + beyond + wan + router)})
                  .find("10.20.1.1 is the router's in zone 'acme-cell', and taken already"),
              std::string::npos);
}

TEST(Routers, forward_only_what_a_conduit_lets_in) {
    const std::string forwarding =
        "routers:\n  - {tenant: acme, zones: [acme-cell], uplinks: [wan],\n     forwards: [{uplink: wan, "
        "service: "
        "tcp/8443, to: robot-cell, port: 443}]}\n";
    EXPECT_NE(with_router(forwarding).find("no conduit from an outside allows tcp/443 to 'robot-cell'"),
              std::string::npos);
    const std::string in =
        "  - {name: in, from: beyond, to: robot-cell, allow: [tcp/443], because: remote}\n";
    EXPECT_EQ(told({with(surf + in + beyond + wan + forwarding)}), "accepted");
}

// The wan of the other tests, with this in place of its card.
std::string on(const std::string& card, const std::string& more = {}) {
    return "uplinks:\n  - {name: wan, interface: " + card +
           ", address: 192.0.2.10/24, gateway: 192.0.2.1}\n" + more;
}

TEST(Uplinks, share_a_card_by_tags_and_no_other_way) {
    const std::string office = "  - {name: office, interface: enp2s0, use: management";
    const auto read =
        read_spec(edited({with(surf + beyond + on("enp2s0, vlan: 20", office + "}\n") + router)}), "f.yaml");
    ASSERT_TRUE(read) << read.error().front().text();
    EXPECT_EQ(read->uplinks[0].vlan, 20U);
    EXPECT_EQ(told({with(surf + beyond + on("enp2s0, vlan: 20", office + ", vlan: 30}\n") + router)}),
              "accepted");
    EXPECT_NE(told({with(surf + beyond + on("enp2s0, vlan: 20", office + ", vlan: 20}\n") + router)})
                  .find("enp2s0 carries the management's traffic or a tenant's"),
              std::string::npos);
    // An untagged uplink takes the card whole.
    EXPECT_NE(told({with(surf + beyond + on("enp2s0", office + ", vlan: 30}\n") + router)})
                  .find("enp2s0 carries the management's traffic or a tenant's"),
              std::string::npos);
    EXPECT_NE(told({with(surf + beyond + on("enp2s0, vlan: 4095") + router)}).find("4095"),
              std::string::npos);
    EXPECT_NE(told({{"subnet: 10.20.1.0/24}", "subnet: 10.20.1.0/24, wire: {interface: enp2s0, vlan: 7}}"},
                    with(surf + beyond + on("enp2s0, vlan: 20") + router)})
                  .find("enp2s0 is in use already by a zone's wire"),
              std::string::npos);
}

TEST(Uplinks, lead_to_ipv6_if_they_have_an_address_of_it) {
    const auto uplink = [](const std::string& rest) {
        return edited(
            {with("uplinks:\n  - {name: wan, interface: enp2s0, address: 192.0.2.10/24, gateway: "
                  "192.0.2.1" +
                  rest + "}\n")});
    };
    const auto read = read_spec(uplink(", address6: \"2001:db8:2::10/64\", gateway6: \"fe80::1\""), "f.yaml");
    ASSERT_TRUE(read) << read.error().front().text();
    EXPECT_EQ(to_string(read->uplinks[0].address6->address), "2001:db8:2::10");
    EXPECT_EQ(to_string(read->uplinks[0].address6->network), "2001:db8:2::/64");
    const auto refusal = [&](const std::string& rest) {
        const auto refused = read_spec(uplink(rest), "f.yaml");
        return refused ? std::string("accepted") : refused.error().front().text();
    };
    EXPECT_NE(refusal(", address6: \"2001:db8:2::10\", gateway6: \"fe80::1\"")
                  .find("is not an address with its length"),
              std::string::npos);
    EXPECT_NE(refusal(", address6: \"2001:db8:2::10/64\"").find("gateway6 is missing"), std::string::npos);
    EXPECT_NE(refusal(", gateway6: \"fe80::1\"").find("address6 is missing"), std::string::npos);
    EXPECT_NE(refusal(", address6: \"2001:db8:2::10/64\", gateway6: \"2001:db8:3::1\"")
                  .find("can't be the next router"),
              std::string::npos);
}

TEST(Outsides, are_networks_of_both_families) {
    const auto read = read_spec(
        edited({with("outsides:\n  - {name: beyond, prefixes: [203.0.113.0/24, \"2001:db8:7::/48\"]}\n")}),
        "f.yaml");
    ASSERT_TRUE(read) << read.error().front().text();
    EXPECT_EQ(to_string(read->outsides[0].prefixes.at(0)), "203.0.113.0/24");
    EXPECT_EQ(to_string(read->outsides[0].prefixes6.at(0)), "2001:db8:7::/48");
    EXPECT_NE(told({with("outsides:\n  - {name: beyond, prefixes: [\"2001:db8:7::1/48\"]}\n")})
                  .find("write 2001:db8:7::/48"),
              std::string::npos);
    EXPECT_NE(told({with("outsides:\n  - {name: beyond, prefixes: [10.20.1.128/25]}\n")})
                  .find("is inside zone 'acme-cell'"),
              std::string::npos);
}

TEST(Uplinks, refuse_addresses_that_can_not_be) {
    const auto uplink = [](const std::string& rest) {
        return told({with("uplinks:\n  - {name: wan, interface: enp2s0" + rest + "}\n")});
    };
    EXPECT_NE(uplink("").find("address is missing"), std::string::npos);
    EXPECT_NE(uplink(", address: 192.0.2.0/24, gateway: 192.0.2.1").find("is not an address with its length"),
              std::string::npos);
    EXPECT_NE(uplink(", address: 192.0.2.10/24, gateway: 198.51.100.1").find("can't be the next router"),
              std::string::npos);
    EXPECT_NE(uplink(", address: 192.0.2.10/24, gateway: 192.0.2.1, probe: {targets: [icmp/example.com]}")
                  .find("can't be asked"),
              std::string::npos);
    EXPECT_NE(uplink(", address: 10.20.1.5/24, gateway: 10.20.1.4").find("overlaps zone 'acme-cell'"),
              std::string::npos);
}

}  // namespace
}  // namespace bulkhead::spec
