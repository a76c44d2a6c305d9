// Runs a program to its end.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "base/error.hpp"

namespace bulkhead {

// Without input and with a bare environment beside `environment` ("KEY=value"). Code::unavailable if it can't
// be started, Code::io with its last message if it ends with anything but 0. `mend` says how to get it.
Result<> run_program(const std::filesystem::path& program, std::span<const std::string> arguments,
                     std::span<const std::string> environment, std::string mend);

}  // namespace bulkhead
