// Addresses as a capture is told them.
#pragma once

#include <string>

namespace bulkhead::vnet::capture {

// Of IPv4, mapped into IPv6.
inline std::string address(const std::string& last_four) {
    return std::string(10, '\0') + "\xff\xff" + last_four;
}

}  // namespace bulkhead::vnet::capture
