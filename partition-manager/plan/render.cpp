#include "partition-manager/plan/render.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/name.hpp"
#include "partition-manager/plan/fingerprint.hpp"
#include "partition-manager/plan/guards.hpp"
#include "partition-manager/plan/routers.hpp"

namespace bulkhead::plan {
namespace {

// What the vendor says that the bundle needs.
Result<> suits(const model::Bundle& bundle, const model::Partition& partition) {
    const std::string where = "partition/" + partition.name.str();
    const std::string called = "bundle '" + bundle.reference.name.str() + "' " + bundle.version;
    if (partition.memory < bundle.memory)
        return fail(Code::invalid,
                    called + " needs " + to_string(bundle.memory) + " of memory, the partition has " +
                        to_string(partition.memory),
                    where, {}, "raise memory");
    for (const auto& [key, value] : partition.application->config) {
        if (bundle.config.contains(key)) continue;
        const std::string meant = nearest(key, bundle.config);
        return fail(Code::invalid, called + " knows no setting '" + key + "'", where, {},
                    meant.empty() ? "remove it" : "write " + meant);
    }
    return {};
}

Result<std::optional<model::Bundle>> bundle_of(const model::Partition& partition, const Known& known) {
    if (!partition.application || !partition.application->bundle) return std::nullopt;
    const auto bundle = known.bundles.find(partition.name);
    if (bundle == known.bundles.end())
        return fail(Code::not_found,
                    "bundle '" + partition.application->bundle->str() + "' is not on this gateway",
                    "partition/" + partition.name.str(), {}, "bulkhead bundle push FILE");
    BULKHEAD_TRY(suits(bundle->second, partition));
    return bundle->second;
}

model::MachineDevice device_of(const model::Spec& spec, const model::DeviceUse& use) {
    const auto* device = spec.find(use.device);
    const auto kind = spec.kind_of(use.device);
    const bool by_place = device != nullptr && kind == model::DeviceKind::pci;
    return {use.device, kind, by_place ? device->at : std::string()};
}

Result<model::Machine> machine_of(const model::Spec& spec, const model::Partition& partition,
                                  const Known& known) {
    const auto image = known.images.find(partition.image);
    if (image == known.images.end())
        return fail(Code::not_found, "image '" + partition.image.str() + "' is not on this gateway",
                    "partition/" + partition.name.str(), {},
                    "build it (images/build) and put it into the folder of images");
    const auto uid = known.uids.find(partition.name);
    if (uid == known.uids.end())
        return fail(Code::internal, "partition '" + partition.name.str() + "' was given no uid");
    model::Machine machine;
    machine.name = partition.name;
    machine.uid = uid->second;
    machine.tenant = partition.tenant;
    machine.cpus = partition.cpus;
    machine.pin = partition.pin;
    machine.memory = partition.memory;
    machine.io_weight = partition.io_weight;
    machine.image = image->second;
    BULKHEAD_TRY_ASSIGN(machine.bundle, bundle_of(partition, known));
    for (const auto& volume : partition.volumes)
        machine.volumes.push_back({{partition.name, volume.name}, volume.size});
    for (const auto& use : partition.devices) machine.devices.push_back(device_of(spec, use));
    machine.ports = ports_of(spec, partition);
    machine.tpm = known.tpm;
    machine.offloads = known.offloads && !machine.ports.empty();
    BULKHEAD_TRY_ASSIGN(machine.fingerprint, fingerprint(spec, partition, image->second.digest,
                                                         {.tpm = machine.tpm, .offloads = machine.offloads}));
    return machine;
}

model::Port host_port(const model::Zone& zone, const model::WireHost& host) {
    model::Port port{model::end_port_name(host.name), {}, 0, zone.name, host.mac, host.address};
    port.kind = model::PortKind::host;
    port.tenant = zone.tenant;
    port.address6 = host.address6;
    port.wire = model::PortName(zone.wire->interface);
    port.vlan = zone.wire->vlan;
    return port;
}

// A card that several zones share is one port.
void add_wire(const model::Zone& zone, Desired& desired) {
    model::Port wire{model::PortName(zone.wire->interface)};
    wire.kind = model::PortKind::wire;
    desired.ports.emplace(wire.name, wire);
    for (const auto& host : zone.wire->hosts) {
        auto port = host_port(zone, host);
        desired.ports.emplace(port.name, std::move(port));
    }
}

// Where copies of the conduit's frames go.
model::PortName mirror_of(const model::Spec& spec, const model::Conduit& conduit) {
    const auto* partition = conduit.mirror ? spec.find(*conduit.mirror) : nullptr;
    if (partition == nullptr) return {};
    const auto mirror = std::ranges::find_if(partition->interfaces, &model::Interface::mirror);
    return model::port_name(partition->name, static_cast<unsigned>(mirror - partition->interfaces.begin()));
}

// What has no address stays between zones that declare it.
bool carries(const model::Spec& spec, const model::Port& port, const model::Service& service) {
    if (service.transport != model::Transport::layer2) return true;
    const auto* zone = spec.find(port.zone);
    return zone != nullptr && std::ranges::find(zone->ethertypes, service.port) != zone->ethertypes.end();
}

bool is_taken(const Desired& desired, const model::Rule& rule) {
    const auto same = desired.rules.lower_bound({rule.from, rule.to, rule.service});
    return same != desired.rules.end() && std::tie(same->first.from, same->first.to, same->first.service) ==
                                              std::tie(rule.from, rule.to, rule.service);
}

// The way between them leads over the router of the inner end's zone, if one of them is outside.
bool is_routed(const model::Spec& spec, const model::Port& a, const model::Port& b) {
    const bool outside = a.kind == model::PortKind::outside || b.kind == model::PortKind::outside;
    const auto& zone = a.kind == model::PortKind::outside ? b.zone : a.zone;
    return !outside || spec.router_of(zone) != nullptr;
}

// Each interface of the one end may talk to each of the other. A flow that two conduits allow is the first
// one's, so that each flow has one entry and one counter.
void add_rules(const model::Spec& spec, const model::Conduit& conduit, Desired& desired) {
    const auto mirror = mirror_of(spec, conduit);
    const auto via = guard_of(spec, conduit);
    if (conduit.guard && via.empty()) return;  // never straight
    const auto targets = ports_of(spec, conduit.to);
    for (const auto& source : ports_of(spec, conduit.from))
        for (const auto& target : targets)
            for (const auto& service : conduit.allow) {
                if (!carries(spec, source, service) || !carries(spec, target, service)) continue;
                if (!is_routed(spec, source, target)) continue;
                const model::Rule rule{source.name,  target.name, service, model::conduit_id(conduit.name),
                                       conduit.rate, mirror,      via};
                if (!is_taken(desired, rule)) desired.rules.emplace(rule, conduit.name);
            }
}

// The assignment that stands is kept if it is the same one; any other is a new one, with a token of its own.
model::Assignment assignment_of(const model::Spec& spec, const model::Partition& partition,
                                const model::DeviceUse& use, const Known& known, std::uint64_t& next_token) {
    model::Assignment assignment{
        use.device, partition.name, 0, {}, use.line, spec.kind_of(use.device), use.rules, {}, use.terms};
    if (const auto* device = spec.find(use.device)) {
        assignment.at = device->at;
        assignment.expect = device->expect;
    }
    if (const auto stands = known.assignments.find(use.device); stands != known.assignments.end()) {
        assignment.token = stands->second.token;
        if (assignment == stands->second) return assignment;
    }
    assignment.token = next_token++;
    return assignment;
}

}  // namespace

std::vector<model::Port> ports_of(const model::Spec& spec, const model::Partition& partition) {
    std::vector<model::Port> ports;
    const auto* tenant = spec.find(partition.tenant);
    for (const auto& interface : partition.interfaces) {
        const auto index = static_cast<unsigned>(ports.size());
        model::Port port{model::port_name(partition.name, index),
                         partition.name,
                         index,
                         interface.zone,
                         model::port_mac(spec.gateway, partition.name, index),
                         interface.address};
        port.kind = interface.mirror ? model::PortKind::mirror : model::PortKind::tap;
        port.tenant = partition.tenant;
        port.address6 = interface.address6;
        port.dhcp = interface.dhcp;
        port.rate = interface.rate;
        port.connections = tenant == nullptr ? 0 : tenant->quota.connections;
        ports.push_back(std::move(port));
    }
    return ports;
}

std::vector<model::Port> ports_of(const model::Spec& spec, const model::EndName& end) {
    if (const auto [host, zone] = spec.find_host(end); host != nullptr) return {host_port(*zone, *host)};
    if (const auto* outside = spec.find_outside(end)) return {outside_port(*outside)};
    const auto* partition = spec.find(model::PartitionName(end.str()));
    if (partition == nullptr) return {};  // spec/ refuses such a conduit
    auto ports = ports_of(spec, *partition);
    std::erase_if(ports, [](const model::Port& port) { return port.kind == model::PortKind::mirror; });
    return ports;
}

std::map<model::Rule, model::ConduitName> rules_of(const model::Spec& spec) {
    Desired desired;
    for (const auto& conduit : spec.conduits) add_rules(spec, conduit, desired);
    for (const auto& router : spec.routers) add_name_rules(spec, router, desired.rules);
    return std::move(desired.rules);
}

Result<Desired> render(const model::Spec& spec, const Known& known) {
    Desired desired;
    std::uint64_t next_token = known.next_token;
    for (const auto& partition : spec.partitions) {
        BULKHEAD_TRY_ASSIGN(auto machine, machine_of(spec, partition, known));
        for (const auto& port : machine.ports) desired.ports.emplace(port.name, port);
        for (const auto& disk : machine.volumes) desired.volumes.emplace(disk.id, disk);
        for (const auto& use : partition.devices)
            desired.assignments.emplace(use.device, assignment_of(spec, partition, use, known, next_token));
        desired.machines.emplace(partition.name, std::move(machine));
    }
    for (const auto& zone : spec.zones)
        if (zone.wire) add_wire(zone, desired);
    for (const auto& router : spec.routers) {
        for (auto& port : router_ports(spec, router)) desired.ports.emplace(port.name, port);
        desired.routers.emplace(router.tenant, router_of(spec, router));
    }
    desired.guards = guards_of(spec);
    for (const auto& [tenant, guard] : desired.guards) {
        auto port = guard_port(spec, tenant);
        desired.ports.emplace(port.name, std::move(port));
    }
    for (const auto& outside : spec.outsides)
        desired.ports.emplace(model::end_port_name(outside.name), outside_port(outside));
    desired.rules = rules_of(spec);
    return desired;
}

}  // namespace bulkhead::plan
