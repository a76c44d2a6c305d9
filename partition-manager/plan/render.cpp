#include "partition-manager/plan/render.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/name.hpp"
#include "partition-manager/plan/fingerprint.hpp"

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
    for (const auto& use : partition.devices) machine.serial_devices.push_back(use.device);
    machine.ports = ports_of(spec, partition);
    machine.tpm = known.tpm;
    BULKHEAD_TRY_ASSIGN(machine.fingerprint, fingerprint(spec, partition, image->second.digest, known.tpm));
    return machine;
}

// A conduit joins partitions: each interface of the one may talk to each of the other. A flow that two
// conduits allow is the first one's, so that each flow has one entry and one counter.
void add_rules(const model::Spec& spec, const model::Conduit& conduit, Desired& desired) {
    const auto* from = spec.find(conduit.from);
    const auto* to = spec.find(conduit.to);
    if (from == nullptr || to == nullptr) return;  // spec/ refuses such a conduit
    for (const auto& source : ports_of(spec, *from))
        for (const auto& target : ports_of(spec, *to))
            for (const auto& service : conduit.allow) {
                const model::Rule rule{source.name, target.name, service, model::conduit_id(conduit.name)};
                const bool taken = std::ranges::any_of(desired.rules, [&](const auto& entry) {
                    return std::tie(entry.first.from, entry.first.to, entry.first.service) ==
                           std::tie(rule.from, rule.to, rule.service);
                });
                if (!taken) desired.rules.emplace(rule, conduit.name);
            }
}

// The assignment that stands is kept if it is the same one; any other is a new one, with a token of its own.
model::Assignment assignment_of(const model::Spec& spec, const model::Partition& partition,
                                const model::DeviceUse& use, const Known& known, std::uint64_t& next_token) {
    model::Assignment assignment{use.device, partition.name, 0, {}, use.line};
    if (const auto* device = spec.find(use.device)) assignment.at = device->at;
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
    for (const auto& interface : partition.interfaces) {
        const auto index = static_cast<unsigned>(ports.size());
        ports.push_back({model::port_name(partition.name, index), partition.name, index, interface.zone,
                         model::port_mac(spec.gateway, partition.name, index), interface.address});
    }
    return ports;
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
    for (const auto& conduit : spec.conduits) add_rules(spec, conduit, desired);
    return desired;
}

}  // namespace bulkhead::plan
