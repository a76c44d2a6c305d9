#include "partition-manager/plan/achieved.hpp"

#include <algorithm>

namespace bulkhead::plan {
namespace {

std::unexpected<Error> missing(std::string what) {
    return fail(Code::timeout, std::move(what));
}

struct Look {
    const model::Observed& observed;

    const model::ObservedMachine* machine(const model::PartitionName& name) const {
        const auto found = observed.machines.find(name);
        return found == observed.machines.end() ? nullptr : &found->second;
    }

    Result<> operator()(const model::CreateVolume& a) const {
        const auto found = observed.volumes.find(a.disk.id);
        if (found == observed.volumes.end()) return missing("volume " + a.disk.id.str() + " is not there");
        if (found->second != a.disk)
            return missing("volume " + a.disk.id.str() + " has " + to_string(found->second.size));
        return {};
    }
    Result<> operator()(const model::DeleteVolume& a) const {
        if (observed.volumes.contains(a.id)) return missing("volume " + a.id.str() + " is still there");
        return {};
    }
    Result<> operator()(const model::CreatePort& a) const {
        const auto found = observed.ports.find(a.port.name);
        if (found == observed.ports.end()) return missing("port " + a.port.name.str() + " is not there");
        if (found->second.port != a.port) return missing("port " + a.port.name.str() + " is another one");
        if (!found->second.guarded) return missing("port " + a.port.name.str() + " is not guarded");
        return {};
    }
    Result<> operator()(const model::DeletePort& a) const {
        if (observed.ports.contains(a.port)) return missing("port " + a.port.str() + " is still there");
        return {};
    }
    Result<> operator()(const model::OpenConduit& a) const {
        if (!std::ranges::includes(observed.rules, a.rules))
            return missing("conduit " + a.conduit.str() + " is not open");
        for (const auto& rule : a.instead)
            if (observed.rules.contains(rule) && !a.rules.contains(rule))
                return missing("what conduit " + a.conduit.str() + " was before is still open");
        return {};
    }
    Result<> operator()(const model::CloseConduit& a) const {
        for (const auto& rule : a.rules)
            if (observed.rules.contains(rule))
                return missing("conduit " + a.conduit.str() + " is still open");
        return {};
    }
    Result<> operator()(const model::AssignDevice& a) const {
        const auto found = observed.assignments.find(a.assignment.device);
        if (found == observed.assignments.end() || found->second.assignment != a.assignment)
            return missing("device " + a.assignment.device.str() + " is not assigned to " +
                           a.assignment.partition.str());
        if (!found->second.serving) return missing("nothing serves device " + a.assignment.device.str());
        return {};
    }
    // A later assignment is not this one's failure.
    Result<> operator()(const model::ReleaseDevice& a) const {
        const auto found = observed.assignments.find(a.device);
        if (found != observed.assignments.end() && found->second.assignment.token <= a.token)
            return missing("device " + a.device.str() + " is still assigned to " +
                           found->second.assignment.partition.str());
        return {};
    }
    Result<> operator()(const model::DefineMachine& a) const {
        const auto* found = machine(a.machine.name);
        if (found == nullptr || found->uid != a.machine.uid || found->fingerprint != a.machine.fingerprint)
            return missing("partition " + a.machine.name.str() + " is not defined as wanted");
        return {};
    }
    Result<> operator()(const model::UndefineMachine& a) const {
        if (machine(a.partition) != nullptr)
            return missing("partition " + a.partition.str() + " is still defined");
        return {};
    }
    Result<> operator()(const model::StartMachine& a) const {
        const auto* found = machine(a.partition);
        if (found == nullptr || found->power != model::Power::running)
            return missing("partition " + a.partition.str() + " does not run");
        return {};
    }
    Result<> operator()(const model::StopMachine& a) const {
        const auto* found = machine(a.partition);
        if (found != nullptr && found->power != model::Power::off)
            return missing("partition " + a.partition.str() + " still runs");
        return {};
    }
    Result<> operator()(const model::CreateRouter& a) const {
        const auto found = observed.routers.find(a.router.tenant);
        if (found == observed.routers.end() || found->second.router != a.router)
            return missing("the router of " + a.router.tenant.str() + " is not there as wanted");
        if (!found->second.error.empty())
            return missing("the router of " + a.router.tenant.str() + ": " + found->second.error);
        return {};
    }
    Result<> operator()(const model::DeleteRouter& a) const {
        if (observed.routers.contains(a.tenant))
            return missing("the router of " + a.tenant.str() + " is still there");
        return {};
    }
    Result<> operator()(const model::CreateGuard& a) const {
        const auto found = observed.guards.find(a.guard.tenant);
        if (found == observed.guards.end() || found->second.guard != a.guard)
            return missing("the guard of " + a.guard.tenant.str() + " is not there as wanted");
        if (!found->second.error.empty())
            return missing("the guard of " + a.guard.tenant.str() + ": " + found->second.error);
        return {};
    }
    Result<> operator()(const model::DeleteGuard& a) const {
        if (observed.guards.contains(a.tenant))
            return missing("the guard of " + a.tenant.str() + " is still there");
        return {};
    }
};

}  // namespace

Result<> achieved(const model::Action& action, const model::Observed& observed) {
    return std::visit(Look{observed}, action);
}

}  // namespace bulkhead::plan
