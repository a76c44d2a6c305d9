// The serial ports that this host has, found without opening any: opening one moves its modem lines, and some
// adapters restart on that.
#pragma once

#include <vector>

#include "passthrough/inventory/device.hpp"
#include "passthrough/inventory/tree.hpp"

namespace bulkhead::passthrough::inventory {

std::vector<Device> serial_ports(const Tree& tree);

}  // namespace bulkhead::passthrough::inventory
