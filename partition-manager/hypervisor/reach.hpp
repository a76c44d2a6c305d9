// What QEMU's own user can get at.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/error.hpp"

namespace bulkhead::hypervisor {

inline constexpr const char* qemu_user = "libvirt-qemu";

// Of that user; 0 where there is none.
uid_t qemu_user_id();

// Makes QEMU's user the owner of an open file. Where there is no such user, or we are not root, nothing is
// changed: then no QEMU of libvirt's will open it either.
Result<> give_to_qemu(int fd, const std::filesystem::path& path);

// That others may pass through `folder` and all folders above it (mode o+x). The error names the folder that
// bars the way. A folder that is not there yet bars nothing.
Result<> require_reachable(const std::filesystem::path& folder);

}  // namespace bulkhead::hypervisor
