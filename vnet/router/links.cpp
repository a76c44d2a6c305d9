#include "vnet/router/links.hpp"

#include <algorithm>

namespace bulkhead::vnet::router {
namespace {

constexpr unsigned first_table = 100;  // below the tables that the kernel names (253 to 255)

std::string with_length(model::Ipv4 address, const model::Ipv4Prefix& network) {
    return to_string(address) + "/" + std::to_string(network.length);
}

template <class Leg>
const Leg* same(const std::vector<Leg>* legs, const Leg& leg, auto name) {
    if (legs == nullptr) return nullptr;
    const auto found = std::ranges::find(*legs, std::invoke(name, leg), name);
    return found == legs->end() ? nullptr : &*found;
}

std::string set_up(const std::string& name, const model::Mac& mac) {
    return "link set dev " + name + " down\naddress flush dev " + name + "\nlink set dev " + name +
           " address " + to_string(mac) + " mtu 1500 addrgenmode none\nlink set dev " + name + " up\n";
}

std::string zone_leg(const model::RouterLeg& leg) {
    const auto name = model::router_leg_name(leg.zone).str();
    std::string text = set_up(name, leg.mac);
    text += "address add " + with_length(leg.address, leg.subnet) + " dev " + name + "\n";
    if (!leg.subnet6) return text;
    // The switch knows the router of each zone by this one (RFC 4291, 2.5.6).
    text += "address add fe80::1/64 dev " + name + " nodad\n";
    return text + "address add " + to_string(model::gateway_of(*leg.subnet6)) + "/64 dev " + name +
           " nodad\n";
}

std::string uplink_leg(const model::RouterUplink& uplink, unsigned number) {
    const auto name = uplink.leg.str();
    const auto table = std::to_string(first_table + number);
    std::string text = set_up(name, uplink.mac);
    text +=
        "address add " + with_length(uplink.address.address, uplink.address.network) + " dev " + name + "\n";
    text += "route replace " + to_string(uplink.address.network) + " dev " + name + " table " + table + "\n";
    text += "route replace default via " + to_string(uplink.address.gateway) + " dev " + name + " table " +
            table + "\n";
    if (!uplink.address6) return text;
    return text + "address add " + to_string(uplink.address6->address) + "/" +
           std::to_string(uplink.address6->network.length) + " dev " + name + " nodad\n";
}

// A way out that has none for IPv6 shuts IPv6 in: nothing takes another uplink than the one in use. One
// metric, so that the one route replaces the other.
std::string default_route6(const model::RouterUplink& uplink) {
    const std::string way =
        uplink.address6 ? "::/0 via " + to_string(uplink.address6->gateway) + " dev " + uplink.leg.str()
                        : "unreachable ::/0";
    return "route replace " + way + " metric 1\n";
}

// (A flush leaves the local table.) What is bound to the uplink (a probe), or answers what came in over it,
// goes out by its own table. The zones come first, for whom the main table knows the way.
std::string rules(const model::TenantRouter& router) {
    std::string text = "rule flush\nrule add pref 32766 table main\n";
    text += "rule add pref 10 table main suppress_prefixlength 0\n";
    for (const auto& uplink : router.uplinks) {
        const unsigned number = number_of(router, uplink);
        const auto table = std::to_string(first_table + number);
        text += "rule add pref 20 oif " + uplink.leg.str() + " table " + table + "\n";
        text += "rule add pref 21 fwmark " + std::to_string(number) + " table " + table + "\n";
    }
    return text;
}

std::set<std::string> wanted_legs(const model::TenantRouter& router) {
    std::set<std::string> wanted;
    for (const auto& leg : router.legs) wanted.insert(model::router_leg_name(leg.zone).str());
    for (const auto& uplink : router.uplinks) wanted.insert(uplink.leg.str());
    return wanted;
}

}  // namespace

unsigned number_of(const model::TenantRouter& router, const model::RouterUplink& uplink) {
    const auto found = std::ranges::find(router.uplinks, uplink.name, &model::RouterUplink::name);
    return static_cast<unsigned>(found - router.uplinks.begin()) + 1;
}

std::set<std::string> outdated_legs(const model::TenantRouter& router, const std::set<std::string>& present,
                                    const model::TenantRouter* before) {
    std::set<std::string> outdated;
    for (const auto& uplink : router.uplinks) {
        const auto* was =
            same(before == nullptr ? nullptr : &before->uplinks, uplink, &model::RouterUplink::name);
        const bool stays = was != nullptr && was->card == uplink.card && was->vlan == uplink.vlan;
        if (!stays && present.contains(uplink.leg.str())) outdated.insert(uplink.leg.str());
    }
    return outdated;
}

std::string removal_batch(const std::set<std::string>& legs) {
    std::string text;
    for (const auto& name : legs) text += "link delete dev " + name + "\n";
    return text;
}

std::string host_batch(const model::TenantRouter& router, const std::set<std::string>& present,
                       const std::filesystem::path& space) {
    std::string text;
    for (const auto& leg : router.legs)
        if (const auto name = model::router_leg_name(leg.zone).str(); !present.contains(name))
            text += "link set dev " + name + " netns " + space.string() + "\n";
    for (const auto& uplink : router.uplinks)
        if (!present.contains(uplink.leg.str()))
            text += "link add link " + uplink.card + " name " + uplink.leg.str() + " address " +
                    to_string(uplink.mac) + " netns " + space.string() +
                    (uplink.vlan == 0 ? " type macvlan mode private\n"
                                      : " type vlan id " + std::to_string(uplink.vlan) + "\n");
    return text;
}

std::string own_batch(const model::TenantRouter& router, const std::set<std::string>& present,
                      const model::TenantRouter* before) {
    std::string text = before == nullptr ? "link set dev lo up\n" : "";
    const auto wanted = wanted_legs(router);
    for (const auto& name : present)
        if (!wanted.contains(name) && name != "lo") text += "link delete dev " + name + "\n";
    for (const auto& leg : router.legs) {
        const auto* was = same(before == nullptr ? nullptr : &before->legs, leg, &model::RouterLeg::zone);
        const bool there = present.contains(model::router_leg_name(leg.zone).str());
        if (!there || was == nullptr || *was != leg) text += zone_leg(leg);
    }
    bool renumbered = before == nullptr || before->uplinks.size() != router.uplinks.size();
    for (const auto& uplink : router.uplinks) {
        const auto* was =
            same(before == nullptr ? nullptr : &before->uplinks, uplink, &model::RouterUplink::name);
        const bool moved = was == nullptr || number_of(*before, *was) != number_of(router, uplink);
        const bool there = present.contains(uplink.leg.str());
        if (!there || moved || was->address != uplink.address || was->address6 != uplink.address6 ||
            was->mac != uplink.mac)
            text += uplink_leg(uplink, number_of(router, uplink));
        renumbered = renumbered || moved;
    }
    if (renumbered) text += rules(router);
    return text;
}

std::string default_route(const model::TenantRouter& router, const model::RouterUplink& uplink) {
    const bool ipv6 =
        std::ranges::any_of(router.uplinks, [](const auto& each) { return each.address6.has_value(); });
    return "route replace default via " + to_string(uplink.address.gateway) + " dev " + uplink.leg.str() +
           "\n" + (ipv6 ? default_route6(uplink) : std::string());
}

}  // namespace bulkhead::vnet::router
