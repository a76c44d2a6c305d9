#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace bulkhead::daemon {

// Gives up, for good, the capabilities and system calls that the manager does not need. Call before threads
// start.
Result<> confine(const std::filesystem::path& profile);

}  // namespace bulkhead::daemon
