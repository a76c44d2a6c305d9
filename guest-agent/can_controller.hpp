// CAN controllers on the guest's PCI bus: their bit rate is set and they are brought up, which an application
// has no right to.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::agent {

// CAN interfaces of the PCI function at that address, sorted; none if its driver made none.
std::vector<std::string> can_interfaces_of(const std::string& address);

// Idempotent: one that is up with that rate is left alone. Bits per second.
Result<> start_can(const std::string& interface, unsigned bitrate);

}  // namespace bulkhead::agent
