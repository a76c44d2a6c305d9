#include "policies/disruption.hpp"

#include <optional>
#include <utility>

namespace bulkhead::policies {
namespace {

using model::Disruption;

// What a step needs a person to name.
struct Need {
    Rule rule;
    std::string what;
    std::string flag;
    bool permitted = false;
};

// The device that a step takes or gives, if it does.
std::optional<model::DeviceName> device_of(const model::Action& action) {
    if (const auto* release = std::get_if<model::ReleaseDevice>(&action)) return release->device;
    if (const auto* assign = std::get_if<model::AssignDevice>(&action)) return assign->assignment.device;
    return std::nullopt;
}

// The partition that a step disturbs. A step need not repeat what its action says already.
model::PartitionName disturbed(const model::Step& step) {
    if (!step.partition.empty()) return step.partition;
    if (const auto* release = std::get_if<model::ReleaseDevice>(&step.action)) return release->partition;
    if (const auto* assign = std::get_if<model::AssignDevice>(&step.action))
        return assign->assignment.partition;
    if (const auto* deletion = std::get_if<model::DeleteVolume>(&step.action)) return deletion->id.partition;
    if (const auto* stop = std::get_if<model::StopMachine>(&step.action)) return stop->partition;
    return {};
}

std::string because(const model::Step& step) {
    return step.reason.empty() ? "" : " (" + step.reason + ")";
}

std::optional<Need> need_of(const model::Step& step, const model::Permits& permits) {
    const auto partition = disturbed(step);
    if (const auto* deletion = std::get_if<model::DeleteVolume>(&step.action))
        return Need{rules::volume,
                    "volume " + deletion->id.str() + " would be deleted with its data" + because(step),
                    "--delete-volume " + deletion->id.str(), permits.delete_volumes.contains(deletion->id)};
    const auto device = device_of(step.action);
    if (step.disruption == Disruption::detach && device)
        return Need{rules::detach,
                    "device " + device->str() + " would be taken from running partition " + partition.str() +
                        because(step),
                    "--allow-detach " + device->str(), permits.detach.contains(*device)};
    // A detach that names no device is judged by what it surely does.
    if (step.disruption == Disruption::restart || step.disruption == Disruption::detach)
        return Need{rules::restart,
                    "running partition " + partition.str() + " would be stopped" + because(step),
                    "--allow-restart " + partition.str(), permits.restart.contains(partition)};
    return std::nullopt;
}

Verdict refusal(const Rule& rule, std::string what, std::string mend) {
    return {false, rule.id, std::move(what), std::move(mend)};
}

}  // namespace

Verdict judge(const model::Step& step, const model::Permits& permits, const Locks& locks, Mode mode) {
    const auto need = need_of(step, permits);
    if (!need) return {};
    const auto partition = disturbed(step);
    if (const auto lock = locks.find(partition); lock != locks.end())
        return refusal(rules::locked,
                       need->what + ", but partition " + partition.str() + " is locked by " +
                           lock->second.by + ": " + lock->second.reason,
                       "bulkhead unlock " + partition.str());
    if (mode == Mode::background) return refusal(rules::background, need->what, need->flag);
    if (!need->permitted) return refusal(need->rule, need->what, need->flag);
    return {};
}

}  // namespace bulkhead::policies
