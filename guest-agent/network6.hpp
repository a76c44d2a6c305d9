// IPv6 of one of the partition's interfaces.
#pragma once

#include <string>

#include "base/error.hpp"
#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::agent {

// Before the interface is up: it takes addresses and routes from its configuration alone, or speaks no IPv6.
Result<> prepare_ipv6(const std::string& interface, const agent::v1::Interface& wanted);

// Once it is up: its address, and a route to each peer of its conduits. Routes of ours that are not wanted
// any more are taken away.
Result<> set_up_ipv6(const std::string& interface, const agent::v1::Interface& wanted);

}  // namespace bulkhead::agent
