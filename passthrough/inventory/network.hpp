// Network interfaces that hardware stands behind: cards and CAN controllers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "passthrough/inventory/device.hpp"
#include "passthrough/inventory/tree.hpp"

namespace bulkhead::passthrough::inventory {

std::vector<Device> network_cards(const Tree& tree);
// Also virtual ones, which have no place but their names; not those that are guests' ends of our own ports.
std::vector<Device> can_interfaces(const Tree& tree);
// What the host calls the CAN interface at a place now; empty if none is there.
std::string can_interface_at(const Tree& tree, std::string_view place);

// Begins the alias of interfaces that we made or brought up.
inline constexpr std::string_view can_mark = "bulkhead-can";

}  // namespace bulkhead::passthrough::inventory
