// What the helper gives up, in two steps: it reads its order and opens sockets with two capabilities, and
// looks at guests' bytes with none.
#pragma once

#include "base/error.hpp"

namespace bulkhead::vnet::capture {

// All capabilities but CAP_NET_RAW and CAP_NET_ADMIN (for the sockets' room), and every way to get more.
Result<> keep_what_opens_sockets();

// Those too, and every system call that reading frames and passing them on does not need
// (policies/seccomp/capture.profile). For good.
Result<> confine();

}  // namespace bulkhead::vnet::capture
