// Volumes of the partition: virtio disks found by their serial number.
#pragma once

#include <optional>

#include "base/error.hpp"
#include "bulkhead/agent/v1/agent.pb.h"
#include "guest-agent/launch.hpp"

namespace bulkhead::agent {

// Mounts it unless it is mounted. Its root folder then belongs to `owner`. ext4 replays its journal by
// itself.
Result<> mount_volume(const v1::Volume& volume, const std::optional<User>& owner);

// The vendor's files, read-only, at bundle_folder.
inline constexpr const char* bundle_folder = "/opt/bulkhead/bundle";
Result<> mount_bundle();

Result<> unmount_volume(const v1::Volume& volume);

Result<v1::DiskUse> use_of(const v1::Volume& volume);

}  // namespace bulkhead::agent
