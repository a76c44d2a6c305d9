// Network interfaces that hardware stands behind: cards and CAN controllers.
#pragma once

#include <vector>

#include "passthrough/inventory/device.hpp"
#include "passthrough/inventory/tree.hpp"

namespace bulkhead::passthrough::inventory {

std::vector<Device> network_cards(const Tree& tree);
// Also virtual ones, which have no place but their names.
std::vector<Device> can_interfaces(const Tree& tree);

}  // namespace bulkhead::passthrough::inventory
