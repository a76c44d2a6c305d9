#pragma once

#include "passthrough/owner_options.hpp"

namespace bulkhead::passthrough::can {

// Of every owner, with the place of a controller, and in the socket's place the folder of the guest's
// interface in sysfs; --bus 'can 500000; RULES'.
Result<OwnerOptions> parse_options(std::span<const char* const> arguments);

}  // namespace bulkhead::passthrough::can
