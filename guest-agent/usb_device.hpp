// What is plugged in at a port of the partition's USB controller, and its name there: there is no udev, and
// the kernel numbers ttys in the order of their coming.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace bulkhead::agent {

// /dev/bulkhead/NAME: a link to its tty, or, if no driver made one, to the device's own node.
std::filesystem::path usb_link(const std::string& device, const std::filesystem::path& root = "/");

// Where the link has to lead; empty: nothing is plugged in. `root` is / except in tests.
std::filesystem::path usb_node(unsigned port, const std::filesystem::path& root = "/");

// Makes the link lead there, and opens the node to the application's group. To be called again and again: a
// device that is pulled out and plugged in has another node. The link of one that is gone goes, too.
Result<> link_usb_device(const std::string& device, unsigned port, const std::filesystem::path& root = "/");

}  // namespace bulkhead::agent
