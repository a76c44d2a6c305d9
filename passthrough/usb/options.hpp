#pragma once

#include "passthrough/owner_options.hpp"

namespace bulkhead::passthrough::usb {

// Of every owner, with a port (1-2.3) as its place; and [--expect VENDOR:PRODUCT].
Result<OwnerOptions> parse_options(std::span<const char* const> arguments);

}  // namespace bulkhead::passthrough::usb
