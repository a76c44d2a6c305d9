// One partition, and one device, as people see them. Pure.
#pragma once

#include <optional>

#include "bulkhead/v1alpha1/control.pb.h"
#include "partition-manager/daemon/guests.hpp"
#include "partition-manager/daemon/snapshot.hpp"
#include "vnet/driver.hpp"

namespace bulkhead::daemon {

// `traffic` null: the switch could not be asked.
v1alpha1::PartitionView partition_view(const Snapshot& snapshot, const model::Partition& partition,
                                       const std::optional<GuestView>& guest, const vnet::Traffic* traffic,
                                       MonotonicTime now);

// What the spec says of a device; its owner process adds the rest.
v1alpha1::DeviceView device_view(const Snapshot& snapshot, const model::Device& device);

}  // namespace bulkhead::daemon
