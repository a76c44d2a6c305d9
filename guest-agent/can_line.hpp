// A serial line with an SLCAN adapter behind it, as a CAN interface (what slcand does, and one thing more:
// the kernel knows the bit rate, so setting the interface down and up opens the adapter's channel anew).
#pragma once

#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::agent {

// The interface is down, and lives as long as the returned descriptor is open.
Result<Fd> attach_can(const std::string& tty, const std::string& interface, unsigned bits_per_second);

}  // namespace bulkhead::agent
