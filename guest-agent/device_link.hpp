// Names of devices that stay: there is no udev in a partition, and the kernel numbers ttys in the order of
// their coming.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace bulkhead::agent {

// /dev/bulkhead/NAME
std::filesystem::path device_link(const std::string& device, const std::filesystem::path& root = "/");

// Makes the link lead to `node` (a path below /dev), and opens that to the application's group. An empty node
// is that of a device that is gone: its link goes, too. `root` is / except in tests.
Result<> lead_to(const std::string& device, const std::filesystem::path& node,
                 const std::filesystem::path& root = "/");

}  // namespace bulkhead::agent
