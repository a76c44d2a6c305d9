#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace bulkhead::cli {

std::string help_text(const std::vector<Command>& commands, bool colour);
std::string help_text(const Command& command, bool colour);

// "bulkhead apply -f FILE [OPTION...]"
std::string usage_line(const Command& command);
// "-o, --output FORMAT"
std::string option_words(const Option& option);

// The documented exit codes, for help and man page: {"0", "done"}.
std::vector<std::pair<std::string, std::string>> exit_codes();

}  // namespace bulkhead::cli
