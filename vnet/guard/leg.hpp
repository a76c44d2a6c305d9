// What the guard's network namespace is made of, as text for ip(8).
#pragma once

#include <filesystem>
#include <string>

#include "model/conduit_guard.hpp"

namespace bulkhead::vnet::guard {

// In the host's namespace: the leg goes into the guard's.
std::string host_batch(const model::TenantGuard& guard, const std::filesystem::path& space);
// There: whatever comes in over the leg is for a socket here, whomever it is addressed to, and all that is
// sent leaves over it. No neighbour is asked for: the switch knows who is who.
std::string own_batch(const model::TenantGuard& guard);
std::string own_batch6(const model::TenantGuard& guard);  // likewise, of IPv6

}  // namespace bulkhead::vnet::guard
