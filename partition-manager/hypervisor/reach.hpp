// What QEMU's own user can get at.
#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace bulkhead::hypervisor {

inline constexpr const char* qemu_user = "libvirt-qemu";

// That others may pass through `folder` and all folders above it (mode o+x): libvirt relabels the files,
// never the folders. The error names the folder that bars the way. A folder that is not there yet bars
// nothing.
Result<> require_reachable(const std::filesystem::path& folder);

}  // namespace bulkhead::hypervisor
