// Names of vendors and products from the list of the PCI ID project (pci-ids.ucw.cz), if the host has it.
#pragma once

#include <map>
#include <set>
#include <string>

#include "passthrough/inventory/tree.hpp"

namespace bulkhead::passthrough::inventory {

// "10e8" -> its vendor, "10e8:8406" -> its product. Only those that are asked for.
std::map<std::string, std::string> pci_names(const Tree& tree, const std::set<std::string>& ids);

// "CAN controller" of the class code 0x0c0900; "PCI device" of one that has no name here.
std::string pci_class(std::string_view code);

}  // namespace bulkhead::passthrough::inventory
