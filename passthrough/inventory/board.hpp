// What the gateway itself stands on: GPIO chips, its TPM, and the disks that it runs from.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "passthrough/inventory/device.hpp"
#include "passthrough/inventory/tree.hpp"

namespace bulkhead::passthrough::inventory {

std::vector<Device> gpio_chips(const Tree& tree);
std::vector<Device> tpms(const Tree& tree);

// Place of each disk that is mounted or swapped to -> what it is to the gateway: "the root disk",
// "the disk mounted at /var". Disks are no devices of the inventory: they are why a controller can't go.
std::map<std::string, std::string> disks_in_use(const Tree& tree);

}  // namespace bulkhead::passthrough::inventory
