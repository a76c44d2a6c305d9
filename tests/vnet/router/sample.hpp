// A router with one of everything.
#pragma once

#include "model/router.hpp"

namespace bulkhead::vnet::router::test {

inline model::RouterUplink sample_uplink(const std::string& name, const std::string& card, unsigned number) {
    model::RouterUplink uplink;
    uplink.name = model::UplinkName(name);
    uplink.leg = model::uplink_leg_name(uplink.name);
    uplink.mac = model::uplink_mac(model::GatewayName("gateway"), uplink.name);
    uplink.card = card;
    uplink.priority = number;
    uplink.address = {{0xC0000200U + (number << 8U) + 10},
                      {{0xC0000200U + (number << 8U)}, 24},
                      {0xC0000200U + (number << 8U) + 1}};
    return uplink;
}

inline model::TenantRouter sample() {
    model::TenantRouter router;
    router.tenant = model::TenantName("acme");
    for (const unsigned number : {1U, 2U}) {
        const model::ZoneName zone(number == 1 ? "cell" : "vision");
        model::RouterLeg leg{model::router_port_name(zone),
                             zone,
                             model::router_mac(model::GatewayName("gateway"), zone),
                             {0x0A140001U + (number << 8U)},
                             {{0x0A140000U + (number << 8U)}, 24},
                             {}};
        if (number == 1) leg.subnet6 = *model::parse_prefix6("fd20:1::/64");
        router.legs.push_back(leg);
    }
    router.uplinks = {sample_uplink("plant", "enp2s0", 1), sample_uplink("mobile", "enp3s0", 2)};
    router.uplinks[0].address6 = {*model::parse_ipv6("2001:db8:2::10"),
                                  *model::parse_prefix6("2001:db8:2::/64"),
                                  *model::parse_ipv6("2001:db8:2::1")};
    router.uplinks[1].vlan = 20;
    router.uplinks[0].probe.targets = {{{model::Transport::icmp, 0}, {0xC0000301}},
                                       {{model::Transport::tcp, 443}, {0xC6336407}}};
    router.leases = {
        {model::ZoneName("cell"), *model::parse_mac("02:00:00:00:00:01"), {0x0A14010A}, "robot-cell"}};
    const std::vector<model::Ipv4Prefix> outside{{{0xCB007100}, 24}, {{0xCB007140}, 26}};
    router.flows = {{{0x0A14010A}, outside, {model::Transport::tcp, 443}, true},
                    {{0x0A14010A}, outside, {model::Transport::icmp, 0}, true},
                    {{0x0A14010B}, outside, {model::Transport::tcp, 443}, false}};
    const std::vector<model::Ipv6Prefix> outside6{*model::parse_prefix6("2001:db8:7::/48")};
    const auto robot6 = *model::parse_ipv6("fd20:1::10");
    router.flows6 = {{robot6, outside6, {model::Transport::tcp, 443}, true},
                     {robot6, outside6, {model::Transport::icmp, 0}, true}};
    router.forwards = {{model::UplinkName("plant"), {model::Transport::tcp, 8443}, {0x0A14010B}, 443}};
    router.names = {"example.com"};
    router.resolvers = {{0xCB007135}, {0xCB007136}};
    return router;
}

}  // namespace bulkhead::vnet::router::test
