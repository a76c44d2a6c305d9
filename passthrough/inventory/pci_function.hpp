#pragma once

#include <vector>

#include "passthrough/inventory/device.hpp"
#include "passthrough/inventory/tree.hpp"

namespace bulkhead::passthrough::inventory {

// All PCI functions, in the order of their addresses.
std::vector<Device> pci_functions(const Tree& tree);

}  // namespace bulkhead::passthrough::inventory
