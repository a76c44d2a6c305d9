#pragma once

#include "base/error.hpp"

namespace bulkhead::vnet::guard {

// Gives up every capability but the one by which a socket takes another's address, and every system call
// that the guard does not need (policies/seccomp/guard.profile). For good.
Result<> confine();

}  // namespace bulkhead::vnet::guard
