// The rate of a CAN interface that is down.
#pragma once

#include <string>

#include "base/error.hpp"

namespace bulkhead::agent {

// What `ip link set INTERFACE type can bitrate N` does.
Result<> set_bitrate(const std::string& interface, unsigned bits_per_second);

}  // namespace bulkhead::agent
