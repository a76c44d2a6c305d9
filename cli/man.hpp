#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace bulkhead::cli {

// The manual page in man(7) macros, made of the tables of commands. docs/man/bulkhead.1 is its output.
std::string man_page(const std::vector<Command>& commands);

}  // namespace bulkhead::cli
