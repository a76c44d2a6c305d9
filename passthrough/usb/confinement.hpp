#pragma once

#include "base/error.hpp"

namespace bulkhead::passthrough::usb {

// Gives up every capability, and every system call that serving does not need
// (policies/seccomp/usb-owner.profile), and bounds its own memory. For good: call it when the sockets are
// bound, before the first byte of a guest or a device is looked at.
Result<> confine();

}  // namespace bulkhead::passthrough::usb
