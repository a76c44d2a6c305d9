#pragma once

#include "base/error.hpp"

namespace bulkhead::passthrough::can {

// Gives up every capability and every system call that carrying frames does not need
// (policies/seccomp/can-owner.profile). For good: call it when the sockets are open, before the first frame
// of a guest or a bus is looked at.
Result<> confine();

}  // namespace bulkhead::passthrough::can
