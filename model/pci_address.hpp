#pragma once

#include <string_view>

namespace bulkhead::model {

// Domain, bus, slot and function as the kernel writes them: 0000:00:02.0.
bool is_pci_address(std::string_view text);

}  // namespace bulkhead::model
