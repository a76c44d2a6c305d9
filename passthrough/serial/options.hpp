#pragma once

#include "passthrough/owner_options.hpp"

namespace bulkhead::passthrough::serial {

// Of every owner, with the path of a terminal as its place; --line '9600 8N1', and [--guard RULES]. --through
// TERMINAL, if and only if the line is one of several partitions in turns.
Result<OwnerOptions> parse_options(std::span<const char* const> arguments);

}  // namespace bulkhead::passthrough::serial
