#include "partition-manager/daemon/views.hpp"

#include <algorithm>

#include "bulkhead/v1alpha1/api_version.hpp"
#include "partition-manager/daemon/device_view.hpp"
#include "partition-manager/daemon/partition_view.hpp"
#include "partition-manager/plan/render.hpp"

namespace bulkhead::daemon {
namespace {

template <class TenantOf>
bool wanted(const v1alpha1::ListRequest& request, const std::string& name, const TenantOf& tenant) {
    return (request.name().empty() || request.name() == name) &&
           (request.tenant().empty() || request.tenant() == tenant.str());
}

const model::TenantName& tenant_of(const model::Spec& spec, const model::EndName& end) {
    static const model::TenantName none;
    if (const auto* partition = spec.find(model::PartitionName(end.str()))) return partition->tenant;
    const auto* zone = spec.find_host(end).second;
    return zone == nullptr ? none : zone->tenant;
}

void add_attestation(v1alpha1::PartitionView& view, const v1alpha1::AttestationView& result) {
    view.set_attestation(result.attestation());
    view.set_trust_anchor(result.trust_anchor());
    view.set_attested_at(result.attested_at());
    view.set_attestation_age_seconds(result.age_seconds());
    view.set_attestation_reason(result.text());
}

}  // namespace

v1alpha1::Status Views::status() const {
    v1alpha1::Status view;
    fill_status(view);
    sources_.complete_status(view);
    return view;
}

v1alpha1::GatewayReport Views::report() const {
    v1alpha1::GatewayReport report;
    *report.mutable_status() = status();
    *report.mutable_partitions() = partitions({});
    *report.mutable_devices() = devices({});
    *report.mutable_zones() = zones({});
    *report.mutable_conduits() = conduits({});
    sources_.complete_report(report);
    return report;
}

void Views::fill_status(v1alpha1::Status& view) const {
    const auto snapshot = sources_.board.current();
    view.set_version(BULKHEAD_VERSION);
    view.set_apiversion(v1alpha1::api_version);
    if (snapshot->looked) {
        view.set_accelerator(snapshot->observed.host.accelerator.name);
        view.set_accelerator_reason(snapshot->observed.host.accelerator.reason);
        view.set_hypervisor(snapshot->observed.host.hypervisor);
    }
    view.set_generation(snapshot->generation);
    view.set_phase(std::string(to_string(snapshot->phase)));
    view.set_reason(snapshot->reason);
    view.set_operation(snapshot->operation);
    for (const auto& drift : snapshot->drift) {
        auto& message = *view.add_drift();
        message.set_subject(drift.subject);
        message.set_what(drift.what);
        message.set_rule(drift.rule);
        message.set_mend(drift.mend);
    }
    *view.mutable_attestation() = sources_.results.view({});
    if (!snapshot->spec) return;
    view.mutable_attestation()->set_gateway(snapshot->spec->gateway.str());
    view.set_gateway(snapshot->spec->gateway.str());
    view.set_site(snapshot->spec->site);
    view.set_time_zone(snapshot->spec->time_zone);
    for (const auto& [key, value] : snapshot->spec->labels) (*view.mutable_labels())[key] = value;
    view.set_partitions(static_cast<std::uint32_t>(snapshot->spec->partitions.size()));
    view.set_partitions_ok(static_cast<std::uint32_t>(
        std::ranges::count_if(snapshot->spec->partitions, [&](const model::Partition& partition) {
            const auto guest = sources_.guests.view(partition.name);
            return guest && guest->health == "ok";
        })));
}

v1alpha1::PartitionList Views::partitions(const v1alpha1::ListRequest& request) const {
    const auto snapshot = sources_.board.current();
    v1alpha1::PartitionList list;
    list.set_apiversion(v1alpha1::api_version);
    if (!snapshot->spec) return list;
    const auto traffic = sources_.traffic();
    for (const auto& partition : snapshot->spec->partitions)
        if (wanted(request, partition.name.str(), partition.tenant)) {
            auto& view = *list.add_items();
            view = partition_view(*snapshot, partition, sources_.guests.view(partition.name),
                                  traffic ? &*traffic : nullptr, sources_.clock.monotonic());
            add_attestation(view, sources_.results.view(partition.name.str()));
        }
    return list;
}

// One that no spec declares is nobody's: only who asks for all of the gateway sees it.
v1alpha1::DeviceList Views::devices(const v1alpha1::ListRequest& request) const {
    const auto snapshot = sources_.board.current();
    v1alpha1::DeviceList list;
    list.set_apiversion(v1alpha1::api_version);
    for (auto& view : device_views(*snapshot, sources_.holds(), *sources_.inventory())) {
        const auto& name = request.name() == view.id() ? view.id() : view.name();
        if (wanted(request, name, model::TenantName(view.tenant()))) *list.add_items() = std::move(view);
    }
    return list;
}

v1alpha1::ZoneList Views::zones(const v1alpha1::ListRequest& request) const {
    const auto snapshot = sources_.board.current();
    v1alpha1::ZoneList list;
    list.set_apiversion(v1alpha1::api_version);
    if (!snapshot->spec) return list;
    for (const auto& zone : snapshot->spec->zones) {
        if (!wanted(request, zone.name.str(), zone.tenant)) continue;
        auto& view = *list.add_items();
        view.set_gateway(snapshot->spec->gateway.str());
        view.set_name(zone.name.str());
        view.set_tenant(zone.tenant.str());
        view.set_subnet(to_string(zone.subnet));
        for (const auto& partition : snapshot->spec->partitions)
            for (const auto& interface : partition.interfaces)
                if (interface.zone == zone.name)
                    view.add_members(partition.name.str() + " " + to_string(interface.address));
        if (!zone.wire) continue;
        for (const auto& host : zone.wire->hosts)
            view.add_members(host.name.str() + " " + to_string(host.address));
    }
    return list;
}

v1alpha1::ConduitList Views::conduits(const v1alpha1::ListRequest& request) const {
    const auto snapshot = sources_.board.current();
    v1alpha1::ConduitList list;
    list.set_apiversion(v1alpha1::api_version);
    if (!snapshot->spec) return list;
    const auto traffic = sources_.traffic();
    const auto guards = sources_.guards();
    for (const auto& conduit : snapshot->spec->conduits) {
        // A tenant sees a conduit at whose either end it stands.
        const auto& from = tenant_of(*snapshot->spec, conduit.from);
        if (!wanted(request, conduit.name.str(), from) &&
            !wanted(request, conduit.name.str(), tenant_of(*snapshot->spec, conduit.to)))
            continue;
        auto& view = *list.add_items();
        view.set_gateway(snapshot->spec->gateway.str());
        view.set_name(conduit.name.str());
        view.set_from(conduit.from.str());
        view.set_to(conduit.to.str());
        for (const auto& service : conduit.allow) view.add_allow(to_string(service));
        view.set_because(conduit.because);
        const auto id = model::conduit_id(conduit.name);
        view.set_open(std::ranges::any_of(snapshot->observed.rules,
                                          [id](const model::Rule& rule) { return rule.conduit == id; }));
        add_guard(guards, from, conduit, view);
        if (!traffic) continue;
        if (const auto counted = traffic->conduits.find(id); counted != traffic->conduits.end()) {
            view.set_packets(counted->second.packets);
            view.set_bytes(counted->second.bytes);
            view.set_connections(counted->second.connections);
            view.set_dropped(counted->second.dropped);
        }
    }
    return list;
}

v1alpha1::EventList Views::events(const apply::EventPage& page) const {
    const auto snapshot = sources_.board.current();
    v1alpha1::EventList list;
    list.set_apiversion(v1alpha1::api_version);
    for (const auto& stored : page.events) {
        auto& view = *list.add_items();
        view.set_id(stored.id);
        view.set_time(stored.time);
        view.set_boot_id(stored.boot_id);
        view.set_monotonic_ms(stored.monotonic_ms);
        view.set_code(stored.event.code);
        view.set_tenant(stored.event.tenant.str());
        view.set_actor(stored.event.actor);
        view.set_operation(stored.event.operation.str());
        view.set_partition(stored.event.partition.str());
        view.set_text(stored.event.text);
        if (snapshot->spec) view.set_gateway(snapshot->spec->gateway.str());
    }
    if (page.next != 0) list.set_next(std::to_string(page.next));
    return list;
}

}  // namespace bulkhead::daemon
