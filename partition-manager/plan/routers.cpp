#include "partition-manager/plan/routers.hpp"

#include <algorithm>
#include <set>

namespace bulkhead::plan {
namespace {

constexpr model::Service dns_over_udp{model::Transport::udp, 53};
constexpr model::Service dns_over_tcp{model::Transport::tcp, 53};

bool serves(const model::Router& router, const model::ZoneName& zone) {
    return std::ranges::find(router.zones, zone) != router.zones.end();
}

model::RouterUplink uplink_of(const model::Spec& spec, const model::Uplink& uplink) {
    return {uplink.name,
            model::uplink_leg_name(uplink.name),
            model::uplink_mac(spec.gateway, uplink.name),
            uplink.interface,
            uplink.vlan,
            uplink.priority,
            uplink.address,
            uplink.address6,
            uplink.probe};
}

void add_leases(const model::Spec& spec, const model::Router& router, model::TenantRouter& out) {
    for (const auto& partition : spec.partitions)
        for (unsigned i = 0; i < partition.interfaces.size(); ++i) {
            const auto& interface = partition.interfaces[i];
            if (!interface.dhcp || !serves(router, interface.zone)) continue;
            out.leases.push_back({interface.zone, model::port_mac(spec.gateway, partition.name, i),
                                  interface.address, partition.name.str()});
        }
}

// Ends of conduits that lead over this router: one flow for each address of the inner end. What comes in does
// so over a forward, and these are of IPv4.
void add_flows(const model::Spec& spec, const model::Router& router, model::TenantRouter& out) {
    std::set<model::RoutedFlow> flows;
    std::set<model::RoutedFlow6> flows6;
    for (const auto& conduit : spec.conduits) {
        const auto* to = spec.find_outside(conduit.to);
        const auto* from = spec.find_outside(conduit.from);
        const auto* outside = to != nullptr ? to : from;
        if (outside == nullptr) continue;
        for (const auto& port : ports_of(spec, to != nullptr ? conduit.from : conduit.to))
            for (const auto& service : conduit.allow) {
                if (!serves(router, port.zone)) continue;
                if (!outside->prefixes.empty())
                    flows.insert({port.address, outside->prefixes, service, to != nullptr});
                if (port.address6 && !outside->prefixes6.empty() && to != nullptr)
                    flows6.insert({*port.address6, outside->prefixes6, service, true});
            }
    }
    out.flows.assign(flows.begin(), flows.end());
    out.flows6.assign(flows6.begin(), flows6.end());
}

void add_forwards(const model::Spec& spec, const model::Router& router, model::TenantRouter& out) {
    for (const auto& forward : router.forwards)
        for (const auto& port : ports_of(spec, forward.to)) {
            if (!serves(router, port.zone)) continue;
            out.forwards.push_back({forward.uplink, forward.service, port.address, forward.port});
            break;  // one address answers
        }
}

// Who can ask a router: every end that is in a zone.
std::vector<model::EndName> inner_ends(const model::Spec& spec) {
    std::vector<model::EndName> ends;
    for (const auto& partition : spec.partitions) ends.emplace_back(partition.name.str());
    for (const auto& zone : spec.zones)
        if (zone.wire)
            for (const auto& host : zone.wire->hosts) ends.push_back(host.name);
    return ends;
}

}  // namespace

model::TenantRouter router_of(const model::Spec& spec, const model::Router& router) {
    model::TenantRouter out;
    out.tenant = router.tenant;
    for (const auto& name : router.zones)
        if (const auto* zone = spec.find(name))
            out.legs.push_back({model::router_port_name(name), name, model::router_mac(spec.gateway, name),
                                model::gateway_of(zone->subnet), zone->subnet, zone->subnet6});
    for (const auto& name : router.uplinks)
        if (const auto* uplink = spec.find(name)) out.uplinks.push_back(uplink_of(spec, *uplink));
    std::ranges::stable_sort(out.uplinks, {}, &model::RouterUplink::priority);
    add_leases(spec, router, out);
    add_flows(spec, router, out);
    add_forwards(spec, router, out);
    out.names = router.names;
    out.resolvers = router.resolvers;
    return out;
}

std::vector<model::Port> router_ports(const model::Spec& spec, const model::Router& router) {
    std::vector<model::Port> ports;
    for (const auto& name : router.zones) {
        const auto* zone = spec.find(name);
        if (zone == nullptr) continue;
        model::Port port{model::router_port_name(name),  {}, 0, name, model::router_mac(spec.gateway, name),
                         model::gateway_of(zone->subnet)};
        port.kind = model::PortKind::router;
        port.tenant = router.tenant;
        port.prefixes = {zone->subnet};
        if (zone->subnet6) {
            port.address6 = model::gateway_of(*zone->subnet6);
            port.prefixes6 = {*zone->subnet6};
        }
        ports.push_back(std::move(port));
    }
    return ports;
}

model::Port outside_port(const model::Outside& outside) {
    model::Port port{model::end_port_name(outside.name)};
    port.kind = model::PortKind::outside;
    port.prefixes = outside.prefixes;
    port.prefixes6 = outside.prefixes6;
    std::ranges::sort(port.prefixes);
    std::ranges::sort(port.prefixes6);
    return port;
}

void add_name_rules(const model::Spec& spec, const model::Router& router,
                    std::map<model::Rule, model::ConduitName>& rules) {
    if (router.names.empty()) return;
    const auto conduit = model::names_conduit(router.tenant);
    for (const auto& end : inner_ends(spec))
        for (const auto& port : ports_of(spec, end))
            for (const auto& service : {dns_over_udp, dns_over_tcp})
                if (serves(router, port.zone))
                    rules.emplace(model::Rule{port.name, model::router_port_name(port.zone), service,
                                              model::conduit_id(conduit)},
                                  conduit);
}

}  // namespace bulkhead::plan
