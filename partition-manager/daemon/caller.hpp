// Who calls.
#pragma once

#include <string>

#include "model/names.hpp"

namespace bulkhead::daemon {

struct Caller {
    std::string actor;         // uid:0, or at the console: user:anna
    bool is_remote = false;    // at the console
    model::TenantName tenant;  // of a vendor there: nothing of another exists for it; empty: no bound
};

}  // namespace bulkhead::daemon
