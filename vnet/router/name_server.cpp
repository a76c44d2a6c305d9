#include "vnet/router/name_server.hpp"

#include <algorithm>

namespace bulkhead::vnet::router {
namespace {

// What a zone's guests are told beside their addresses.
std::string zone_settings(const model::TenantRouter& router, const model::RouterLeg& leg) {
    const auto zone = leg.zone.str();
    const auto gateway = to_string(leg.address);
    std::string text = "dhcp-range=set:" + zone + "," + to_string(leg.subnet.network) + ",static," +
                       to_string(model::Ipv4{leg.subnet.mask()}) + ",infinite\n";
    text += "dhcp-option=tag:" + zone + ",option:router," + gateway + "\n";
    text +=
        "dhcp-option=tag:" + zone + ",option:dns-server" + (router.names.empty() ? "" : "," + gateway) + "\n";
    return text;
}

// The addresses are the guests' own to make (SLAAC): the prefix says it all.
std::string prefix_settings(const model::RouterLeg& leg) {
    return "dhcp-range=" + to_string(leg.subnet6->network) + ",ra-only,64,infinite\n";
}

std::string names(const model::TenantRouter& router) {
    if (router.names.empty()) return "port=0\n";
    std::string text = "cache-size=1000\n";
    for (const auto& name : router.names)
        for (const auto& resolver : router.resolvers)
            text += "server=/" + name + "/" + to_string(resolver) + "\n";
    return text;
}

}  // namespace

bool needs_name_server(const model::TenantRouter& router) {
    return !router.leases.empty() || !router.names.empty() ||
           std::ranges::any_of(router.legs, [](const auto& leg) { return leg.subnet6.has_value(); });
}

std::string name_server_settings(const model::TenantRouter& router, const std::filesystem::path& leases) {
    std::string text =
        "keep-in-foreground\nlog-facility=-\nuser=nobody\ngroup=nogroup\npid-file\nbind-dynamic\n"
        "except-interface=lo\nno-hosts\nno-resolv\nno-poll\n";
    for (const auto& leg : router.legs) text += "interface=" + model::router_leg_name(leg.zone).str() + "\n";
    text += names(router);
    if (!router.leases.empty())
        text += "dhcp-authoritative\nno-ping\nquiet-dhcp\ndhcp-leasefile=" + leases.string() + "\n";
    bool advertises = false;
    for (const auto& leg : router.legs) {
        if (std::ranges::find(router.leases, leg.zone, &model::Lease::zone) != router.leases.end())
            text += zone_settings(router, leg);
        if (!leg.subnet6) continue;
        text += prefix_settings(leg);
        advertises = true;
    }
    if (advertises) text += "enable-ra\nquiet-ra\n";
    for (const auto& lease : router.leases)
        text += "dhcp-host=" + to_string(lease.mac) + "," + to_string(lease.address) + "," + lease.host +
                ",infinite\n";
    return text;
}

}  // namespace bulkhead::vnet::router
