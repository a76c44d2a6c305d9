#include "partition-manager/daemon/guard_view.hpp"

namespace bulkhead::daemon {
namespace {

std::string problem_of(const GuardStates& states, const model::TenantName& tenant,
                       const model::ConduitName& conduit) {
    const auto found = states.find(tenant);
    if (found == states.end()) return "it was not made yet";
    if (!found->second) return found->second.error().what;
    if (!found->second->error.empty()) return found->second->error;
    return found->second->conduits.contains(conduit) ? "" : "it was not told of this conduit yet";
}

}  // namespace

void add_guard(const GuardStates& states, const model::TenantName& tenant, const model::Conduit& conduit,
               v1alpha1::ConduitView& view) {
    if (!conduit.guard) return;
    auto& guard = *view.mutable_guard();
    guard.set_rules(to_string(*conduit.guard));
    guard.set_problem(problem_of(states, tenant, conduit.name));
    const auto found = states.find(tenant);
    if (found == states.end() || !found->second) return;
    const auto counted = found->second->conduits.find(conduit.name);
    if (counted == found->second->conduits.end()) return;
    guard.set_passed(counted->second.passed);
    guard.set_refused(counted->second.refused);
    guard.set_broken(counted->second.broken);
    guard.set_last(counted->second.last);
}

}  // namespace bulkhead::daemon
