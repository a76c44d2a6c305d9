// The guards of conduits, as people see them.
#pragma once

#include <map>

#include "bulkhead/v1alpha1/control.pb.h"
#include "model/spec.hpp"
#include "vnet/guard/state.hpp"

namespace bulkhead::daemon {

// What each guard's process says of itself, or why it says nothing.
using GuardStates = std::map<model::TenantName, Result<vnet::guard::State>>;

// Of a conduit that has one: its rules, what it counted, and why nothing passes if nothing does.
void add_guard(const GuardStates& states, const model::TenantName& tenant, const model::Conduit& conduit,
               v1alpha1::ConduitView& view);

}  // namespace bulkhead::daemon
