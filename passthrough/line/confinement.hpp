#pragma once

#include "base/error.hpp"

namespace bulkhead::passthrough::line {

// Gives up every capability and every system call that serving does not need
// (policies/seccomp/line.profile). For good: call it when the control socket is bound, before the first byte
// of a guest or a device is looked at.
Result<> confine();

}  // namespace bulkhead::passthrough::line
