// What the kernel does with packets in the router's network namespace.
#pragma once

#include <string>

#include "base/error.hpp"

namespace bulkhead::vnet::router {

// It routes IPv4 and trusts nobody's word about where to. Interfaces that come are without IPv6.
Result<> settle_namespace();
Result<> allow_ipv6(const std::string& interface);

}  // namespace bulkhead::vnet::router
