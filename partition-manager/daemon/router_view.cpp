#include "partition-manager/daemon/router_view.hpp"

#include <algorithm>

#include "bulkhead/v1alpha1/api_version.hpp"

namespace bulkhead::daemon {
namespace {

using vnet::router::State;
using vnet::router::UplinkState;

void add_state(const RouterStates& states, const model::TenantName& tenant, v1alpha1::RouterView& view) {
    const auto found = states.find(tenant);
    const bool answers = found != states.end() && found->second;
    view.set_state(!answers ? "missing" : found->second->error.empty() ? "working" : "broken");
    if (found == states.end())
        view.set_problem("it was not made yet");
    else
        view.set_problem(answers ? found->second->error : found->second.error().what);
}

UplinkState state_of(const RouterStates& states, const model::TenantName& tenant,
                     const model::UplinkName& name) {
    const auto found = states.find(tenant);
    if (found == states.end() || !found->second) return {name, false, false};
    const auto& uplinks = found->second->uplinks;
    const auto uplink = std::ranges::find(uplinks, name, &UplinkState::name);
    return uplink == uplinks.end() ? UplinkState{name, false, false} : *uplink;
}

void add_uplink(const model::Uplink& uplink, const UplinkState& state, v1alpha1::RouterView& view) {
    auto& made = *view.add_uplinks();
    made.set_name(uplink.name.str());
    made.set_interface(uplink.interface + (uplink.vlan == 0 ? "" : "." + std::to_string(uplink.vlan)));
    made.set_priority(uplink.priority);
    made.set_address(to_string(uplink.address.address));
    if (uplink.address6) made.set_address6(to_string(uplink.address6->address));
    made.set_healthy(state.healthy);
    made.set_used(state.used);
}

std::uint32_t leases_of(const model::Spec& spec, const model::Router& router) {
    std::uint32_t leases = 0;
    for (const auto& partition : spec.partitions)
        for (const auto& interface : partition.interfaces)
            leases += interface.dhcp && spec.router_of(interface.zone) == &router ? 1 : 0;
    return leases;
}

}  // namespace

v1alpha1::RouterList routers(const Snapshot& snapshot, const RouterStates& states,
                             const v1alpha1::ListRequest& request) {
    v1alpha1::RouterList list;
    list.set_apiversion(v1alpha1::api_version);
    if (!snapshot.spec) return list;
    for (const auto& router : snapshot.spec->routers) {
        const auto& tenant = router.tenant.str();
        if (!request.tenant().empty() && request.tenant() != tenant) continue;
        if (!request.name().empty() && request.name() != tenant) continue;
        auto& view = *list.add_items();
        view.set_gateway(snapshot.spec->gateway.str());
        view.set_tenant(tenant);
        for (const auto& zone : router.zones) view.add_zones(zone.str());
        add_state(states, router.tenant, view);
        std::vector<const model::Uplink*> uplinks;
        for (const auto& name : router.uplinks)
            if (const auto* uplink = snapshot.spec->find(name)) uplinks.push_back(uplink);
        std::ranges::stable_sort(uplinks, {}, &model::Uplink::priority);
        for (const auto* uplink : uplinks)
            add_uplink(*uplink, state_of(states, router.tenant, uplink->name), view);
        view.set_leases(leases_of(*snapshot.spec, router));
        for (const auto& name : router.names) view.add_names(name);
        for (const auto& forward : router.forwards)
            view.add_forwards(forward.uplink.str() + " " + to_string(forward.service) + " -> " +
                              forward.to.str() + ":" + std::to_string(forward.port));
    }
    return list;
}

}  // namespace bulkhead::daemon
