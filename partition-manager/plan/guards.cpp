#include "partition-manager/plan/guards.hpp"

namespace bulkhead::plan {
namespace {

// Nothing if it stands in no zone, which spec/ refuses.
const model::TenantName* tenant_of(const model::Spec& spec, const model::EndName& end) {
    const auto zones = spec.zones_of(end);
    return zones.empty() ? nullptr : &zones.front()->tenant;
}

// Who may speak to whom: each interface of the one end to each of the other.
model::GuardedConduit guarded(const model::Spec& spec, const model::Conduit& conduit) {
    model::GuardedConduit made{conduit.name, {}, {}, *conduit.guard};
    const auto targets = ports_of(spec, conduit.to);
    for (const auto& source : ports_of(spec, conduit.from))
        for (const auto& target : targets)
            for (const auto& service : conduit.allow) {
                if (source.address != model::Ipv4{} && target.address != model::Ipv4{})
                    made.ways.insert({source.address, target.address, service.port});
                if (source.address6 && target.address6)
                    made.ways6.insert({*source.address6, *target.address6, service.port});
            }
    return made;
}

}  // namespace

std::map<model::TenantName, model::TenantGuard> guards_of(const model::Spec& spec) {
    std::map<model::TenantName, model::TenantGuard> guards;
    for (const auto& conduit : spec.conduits) {
        const auto* tenant = conduit.guard ? tenant_of(spec, conduit.from) : nullptr;
        if (tenant == nullptr) continue;
        auto& guard = guards[*tenant];
        guard.tenant = *tenant;
        guard.leg = model::guard_leg_name(*tenant);
        guard.mac = model::guard_mac(spec.gateway, *tenant);
        guard.conduits.push_back(guarded(spec, conduit));
    }
    return guards;
}

model::Port guard_port(const model::Spec& spec, const model::TenantName& tenant) {
    model::Port port{model::guard_port_name(tenant)};
    port.mac = model::guard_mac(spec.gateway, tenant);
    port.kind = model::PortKind::guard;
    port.tenant = tenant;
    return port;
}

model::PortName guard_of(const model::Spec& spec, const model::Conduit& conduit) {
    const auto* tenant = conduit.guard ? tenant_of(spec, conduit.from) : nullptr;
    return tenant == nullptr ? model::PortName() : model::guard_port_name(*tenant);
}

}  // namespace bulkhead::plan
