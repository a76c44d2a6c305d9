// One tenant's router, ready to be made: a network namespace of its own with a leg into each zone that it
// serves and one onto each uplink.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/resources.hpp"

namespace bulkhead::model {

struct RouterLeg {
    PortName port;  // the switch's end of the pair; router_leg_name() of the zone is the other
    ZoneName zone;
    Mac mac;
    Ipv4 address;
    Ipv4Prefix subnet;
    std::optional<Ipv6Prefix> subnet6;  // advertised; the router is ::1 of it
    bool operator==(const RouterLeg&) const = default;
};

struct RouterUplink {
    UplinkName name;
    PortName leg;  // its interface in the router
    Mac mac;
    std::string card;
    unsigned vlan = 0;
    unsigned priority = 100;
    UplinkAddress address;
    std::optional<UplinkAddress6> address6;
    Probe probe;
    bool operator==(const RouterUplink&) const = default;
};

// The addresses that a guest is given when it asks: by its MAC address, and no others.
struct Lease {
    ZoneName zone;
    Mac mac;
    Ipv4 address;
    std::string host;
    bool operator==(const Lease&) const = default;
};

// What may pass between an address of a zone and networks beyond the uplinks.
template <class Address, class Prefix>
struct FlowOf {
    Address inside;
    std::vector<Prefix> outside;
    Service service;
    bool outwards = true;  // who opens it
    auto operator<=>(const FlowOf&) const = default;
};
using RoutedFlow = FlowOf<Ipv4, Ipv4Prefix>;
using RoutedFlow6 = FlowOf<Ipv6, Ipv6Prefix>;

// What reaches `service` on the uplink's address goes to `port` of `to`.
struct Forward {
    UplinkName uplink;
    Service service;
    Ipv4 to;
    std::uint16_t port = 0;
    bool operator==(const Forward&) const = default;
};

struct TenantRouter {
    TenantName tenant;
    std::vector<RouterLeg> legs;
    std::vector<RouterUplink> uplinks;
    std::vector<Lease> leases;
    std::vector<RoutedFlow> flows;
    std::vector<RoutedFlow6> flows6;
    std::vector<Forward> forwards;
    std::vector<std::string> names;  // that its DNS answers; none: it serves no DNS
    std::vector<Ipv4> resolvers;
    bool operator==(const TenantRouter&) const = default;
};

// Whose counters count what a tenant's ends ask its router's DNS. No conduit of a spec has such a name.
ConduitName names_conduit(const TenantName& tenant);

// One line of JSON, for the journal and for the router's process.
std::string router_text(const TenantRouter& router);
Result<TenantRouter> parse_router_text(std::string_view text);

}  // namespace bulkhead::model
