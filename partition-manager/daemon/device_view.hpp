// Devices as people see them: what the spec says, who holds them, and what is on the buses. Pure.
#pragma once

#include <map>
#include <vector>

#include "bulkhead/v1alpha1/control.pb.h"
#include "partition-manager/daemon/snapshot.hpp"
#include "passthrough/inventory/inventory.hpp"
#include "passthrough/mode.hpp"

namespace bulkhead::daemon {

using Holds = std::map<model::DeviceName, passthrough::Hold>;

// Those of the spec first, then what was found and is in no spec.
std::vector<v1alpha1::DeviceView> device_views(const Snapshot& snapshot, const Holds& holds,
                                               const passthrough::inventory::Inventory& inventory);

}  // namespace bulkhead::daemon
