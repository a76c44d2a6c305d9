// Serial ports of a PCI function.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bulkhead::agent {

// Their nodes, /dev/ttyS4 and so on, in the order of their numbers. Empty: it has none, or no driver here.
// `root` is / except in tests.
std::vector<std::filesystem::path> ports_of(const std::string& address,
                                            const std::filesystem::path& root = "/");

}  // namespace bulkhead::agent
