#pragma once

#include <vector>

#include "passthrough/inventory/device.hpp"
#include "passthrough/inventory/tree.hpp"

namespace bulkhead::passthrough::inventory {

// All USB devices but the root hubs, each by its bus and port.
std::vector<Device> usb_devices(const Tree& tree);

}  // namespace bulkhead::passthrough::inventory
