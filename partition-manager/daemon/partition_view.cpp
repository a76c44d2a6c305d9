#include "partition-manager/daemon/partition_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "partition-manager/plan/render.hpp"

namespace bulkhead::daemon {
namespace {

// The partition's view of a device that it uses.
v1alpha1::DeviceView device_use_view(const Snapshot& snapshot, const model::Partition& partition,
                                     std::size_t index) {
    const auto& use = partition.devices[index];
    v1alpha1::DeviceView view;
    view.set_gateway(snapshot.spec->gateway.str());
    view.set_name(use.device.str());
    view.set_partition(partition.name.str());
    view.set_tenant(partition.tenant.str());
    if (snapshot.spec->kind_of(use.device) == model::DeviceKind::serial) view.set_line(to_string(use.line));
    view.set_guest_path(model::guest_name(*snapshot.spec, partition, index));
    if (const auto found = snapshot.observed.assignments.find(use.device);
        found != snapshot.observed.assignments.end())
        view.set_token(found->second.assignment.token);
    if (const auto* device = snapshot.spec->find(use.device)) {
        view.set_at(device->at);
        view.set_kind(std::string(to_string(device->kind)));
    }
    return view;
}

std::string_view application_state(lifecycle::ApplicationState state) {
    switch (state) {
        case lifecycle::ApplicationState::none:
            return "none";
        case lifecycle::ApplicationState::running:
            return "running";
        case lifecycle::ApplicationState::backing_off:
            return "backing off";
        case lifecycle::ApplicationState::failed:
            return "failed";
    }
    return "unknown";
}

void fill_application(v1alpha1::ApplicationView& view, const model::Partition& partition,
                      const lifecycle::AgentState* agent) {
    view.set_state(partition.application ? "unknown" : "none");
    if (partition.application) view.set_name(partition.application->title());
    if (agent == nullptr) return;
    view.set_last_output(agent->last_reading.empty() ? agent->last_line : agent->last_reading);
    if (!agent->heartbeat || !partition.application) return;
    const auto& report = agent->heartbeat->application;
    view.set_state(std::string(application_state(report.state)));
    view.set_restarts(report.restarts);
    view.set_last_error(report.error);
}

void fill_agent(v1alpha1::AgentView& view, const lifecycle::AgentState& agent, MonotonicTime now) {
    if (agent.hello) {
        view.set_version(agent.hello->version);
        view.set_kernel(agent.hello->kernel);
        view.set_boot_id(agent.hello->boot_id);
    }
    if (agent.last_heard)
        view.set_last_heard_ms(static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(now - *agent.last_heard).count()));
    if (agent.heartbeat) {
        view.set_uptime_ms(static_cast<std::uint64_t>(agent.heartbeat->uptime.count()));
        view.set_load(fmt::format("{:.2f}", agent.heartbeat->load_milli / 1000.0));
        view.set_memory_total_kib(agent.heartbeat->memory_total_kib);
        view.set_memory_available_kib(agent.heartbeat->memory_available_kib);
    }
    view.set_frames(agent.counters.frames);
    view.set_rejected(agent.counters.refused_frames + agent.counters.stale_frames);
}

void fill_interfaces(v1alpha1::PartitionView& view, const Snapshot& snapshot,
                     const model::Partition& partition, const vnet::Traffic* traffic) {
    for (unsigned i = 0; i < partition.interfaces.size(); ++i) {
        const auto& interface = partition.interfaces[i];
        const auto name = model::port_name(partition.name, i);
        view.add_zones(interface.zone.str());
        auto& message = *view.add_interfaces();
        message.set_name(name.str());
        message.set_zone(interface.zone.str());
        message.set_address(to_string(interface.address));
        message.set_mac(to_string(model::port_mac(snapshot.spec->gateway, partition.name, i)));
        if (traffic == nullptr) continue;
        const auto counted = traffic->ports.find(name);
        if (counted == traffic->ports.end()) continue;
        message.set_received(counted->second.received);
        message.set_delivered(counted->second.delivered);
        for (const auto& [reason, count] : counted->second.dropped)
            (*message.mutable_dropped())[reason] = count;
    }
}

void fill_volumes(v1alpha1::PartitionView& view, const model::Partition& partition,
                  const lifecycle::AgentState* agent) {
    for (const auto& volume : partition.volumes) {
        auto& message = *view.add_volumes();
        message.set_name(volume.name.str());
        message.set_size(to_string(volume.size));
        message.set_mount(volume.mount);
        if (agent == nullptr || !agent->heartbeat) continue;
        const auto& disks = agent->heartbeat->disks;
        const auto used = std::ranges::find(disks, volume.name.str(), &lifecycle::DiskReport::volume);
        if (used != disks.end()) message.set_used_kib(used->used_kib);
    }
}

void fill_condition(v1alpha1::PartitionView& view, const GuestView& guest, MonotonicTime now) {
    view.set_state(guest.state);
    view.set_health(guest.health);
    view.set_reason(guest.reason);
    view.set_since(rfc3339(guest.since));
    view.set_since_seconds(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(now - guest.since_monotonic).count()));
    for (auto& device : *view.mutable_devices()) {
        const auto fact = guest.devices.find(model::DeviceName(device.name()));
        device.set_present(fact != guest.devices.end() && fact->second.present);
        if (fact != guest.devices.end()) device.set_error(fact->second.error);
    }
}

}  // namespace

v1alpha1::PartitionView partition_view(const Snapshot& snapshot, const model::Partition& partition,
                                       const std::optional<GuestView>& guest, const vnet::Traffic* traffic,
                                       MonotonicTime now) {
    v1alpha1::PartitionView view;
    view.set_gateway(snapshot.spec->gateway.str());
    view.set_name(partition.name.str());
    view.set_tenant(partition.tenant.str());
    view.set_image(partition.image.str());
    view.set_cpus(partition.cpus);
    view.set_memory(to_string(partition.memory));
    view.set_state("defined");
    view.set_health("unknown");
    if (const auto found = snapshot.observed.machines.find(partition.name);
        found != snapshot.observed.machines.end()) {
        view.set_uid(found->second.uid);
        view.set_image_digest(found->second.image_digest);
    }
    if (const auto found = snapshot.starts.find(partition.name);
        found != snapshot.starts.end() && found->second > 0)
        view.set_restarts(found->second - 1);
    if (const auto found = snapshot.locks.find(partition.name); found != snapshot.locks.end()) {
        view.mutable_lock()->set_by(found->second.lock.by);
        view.mutable_lock()->set_reason(found->second.lock.reason);
        view.mutable_lock()->set_since(found->second.since);
        view.add_conditions("locked");
    }
    if (snapshot.held.contains(partition.name)) view.add_conditions("held");
    for (const auto& drift : snapshot.drift)
        if (drift.subject == "partition/" + partition.name.str()) {
            view.add_conditions("drifting");
            break;
        }
    for (std::size_t i = 0; i < partition.devices.size(); ++i)
        *view.add_devices() = device_use_view(snapshot, partition, i);
    fill_interfaces(view, snapshot, partition, traffic);
    const auto* agent = guest && guest->agent ? &*guest->agent : nullptr;
    fill_application(*view.mutable_application(), partition, agent);
    fill_volumes(view, partition, agent);
    if (guest) fill_condition(view, *guest, now);
    if (agent != nullptr) fill_agent(*view.mutable_agent(), *agent, now);
    return view;
}

v1alpha1::DeviceView device_view(const Snapshot& snapshot, const model::Device& device) {
    for (const auto& partition : snapshot.spec->partitions)
        for (std::size_t i = 0; i < partition.devices.size(); ++i)
            if (partition.devices[i].device == device.name) return device_use_view(snapshot, partition, i);
    v1alpha1::DeviceView view;
    view.set_gateway(snapshot.spec->gateway.str());
    view.set_name(device.name.str());
    view.set_kind(std::string(to_string(device.kind)));
    view.set_at(device.at);
    return view;
}

}  // namespace bulkhead::daemon
