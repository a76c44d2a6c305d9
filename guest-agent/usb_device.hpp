// What is plugged in at a port of the partition's USB controller.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace bulkhead::agent {

// Its tty, or, if no driver made one, the device's own node; empty: nothing is plugged in. `root` is / except
// in tests.
std::filesystem::path usb_node(unsigned port, const std::filesystem::path& root = "/");

// To be called again and again: a device that is pulled out and plugged in has another node.
Result<> link_usb_device(const std::string& device, unsigned port, const std::filesystem::path& root = "/");

}  // namespace bulkhead::agent
