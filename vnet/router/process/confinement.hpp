#pragma once

#include "base/error.hpp"

namespace bulkhead::vnet::router {

// Gives up every capability and every system call that neither the router nor the programs that it runs need
// (policies/seccomp/router.profile). For good; its children inherit it.
Result<> confine();

}  // namespace bulkhead::vnet::router
