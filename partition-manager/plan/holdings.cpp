// What partitions hold: devices and volumes.
#include <utility>

#include "partition-manager/plan/difference.hpp"

namespace bulkhead::plan {

using model::Disruption;

namespace {

// Someone who runs loses the device: for a while if it stays up, for good if it is not the owner any more.
// While it is stopped anyway, and has the device again afterwards, the restart is the disruption.
Disruption release_disruption(const Fate& owner, bool keeps) {
    const bool takes = owner.runs && !owner.goes && (!owner.stop || !keeps);
    return takes ? Disruption::detach : Disruption::none;
}

std::string release_reason(const Fate& owner, const model::Assignment& from, const model::Assignment* to) {
    if (to == nullptr) return owner.goes ? owner.reason : "not in the spec";
    if (to->partition != from.partition) return "goes to " + to->partition.str();
    if (to->kind != from.kind)
        return "kind " + std::string(to_string(from.kind)) + " -> " + std::string(to_string(to->kind));
    if (to->at != from.at) return "at " + from.at + " -> " + to->at;
    if (to->line != from.line) return "line " + to_string(from.line) + " -> " + to_string(to->line);
    if (to->expect != from.expect) return "what may be plugged in there changes";
    if (to->rules != from.rules) return "its guard changes";
    if (to->terms != from.terms) return "what its partition must be changes";
    return "an older assignment";
}

}  // namespace

void Difference::devices() {
    const auto wanted_of = [&](const model::DeviceName& device) {
        const auto found = desired.assignments.find(device);
        return found == desired.assignments.end() ? nullptr : &found->second;
    };
    for (const auto& [device, seen] : observed.assignments) {
        const auto& from = seen.assignment;
        const auto* to = wanted_of(device);
        if (to != nullptr && *to == from) continue;
        const auto& owner = fate(from.partition);
        const bool keeps = to != nullptr && to->partition == from.partition;
        add(model::ReleaseDevice{device, from.partition, from.token}, release_disruption(owner, keeps),
            release_reason(owner, from, to));
    }
    for (const auto& [device, stored] : intent.assignments)
        if (!observed.assignments.contains(device) && wanted_of(device) == nullptr)
            add(model::ReleaseDevice{device, stored.partition, stored.token}, Disruption::none,
                "not in the spec");
    for (const auto& [device, wanted] : desired.assignments) {
        const auto seen = observed.assignments.find(device);
        const bool there = seen != observed.assignments.end() && seen->second.assignment == wanted;
        const auto stored = intent.assignments.find(device);
        const bool known = stored != intent.assignments.end() && stored->second == wanted;
        if (there && seen->second.serving && known) continue;
        const bool live = !there && fate(wanted.partition).stays_up();
        add(model::AssignDevice{wanted}, live ? Disruption::live : Disruption::none,
            !there                  ? "new"
            : !seen->second.serving ? "nothing serves it"
                                    : "not on record");
    }
}

Result<> Difference::volumes() {
    for (const auto& id : intent.permits.delete_volumes)
        if (desired.volumes.contains(id))
            return fail(Code::invalid, "volume '" + id.str() + "' can't be deleted: the spec has it", {}, {},
                        "remove it from the spec first");
    for (const auto& [id, disk] : desired.volumes) {
        const auto seen = observed.volumes.find(id);
        if (seen == observed.volumes.end())
            add(model::CreateVolume{disk}, Disruption::none, "new");
        else if (seen->second.size != disk.size)
            return fail(Code::conflict, "volume '" + id.str() + "' can't become " + to_string(disk.size), {},
                        "its present size, " + to_string(seen->second.size),
                        "keep the size, or add a volume of another name");
    }
    for (const auto& [id, disk] : observed.volumes) {
        if (desired.volumes.contains(id)) continue;
        if (intent.permits.delete_volumes.contains(id))
            add(model::DeleteVolume{id}, Disruption::none, "deletion permitted");
        else
            notes.push_back("volume " + id.str() + " (" + to_string(disk.size) +
                            ") is kept, though the spec has none; --delete-volume " + id.str() +
                            " deletes it");
    }
    return {};
}

}  // namespace bulkhead::plan
