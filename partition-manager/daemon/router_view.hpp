// Tenants' routers, as people see them.
#pragma once

#include <map>

#include "bulkhead/v1alpha1/switch.pb.h"
#include "partition-manager/daemon/snapshot.hpp"
#include "vnet/router/state.hpp"

namespace bulkhead::daemon {

// What each router's process says of itself, or why it says nothing.
using RouterStates = std::map<model::TenantName, Result<vnet::router::State>>;

// Of `request`, tenant and name (of a tenant) choose.
v1alpha1::RouterList routers(const Snapshot& snapshot, const RouterStates& states,
                             const v1alpha1::ListRequest& request);

}  // namespace bulkhead::daemon
