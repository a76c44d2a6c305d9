#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "base/error.hpp"
#include "model/serial_line.hpp"

namespace bulkhead::passthrough::line {

struct Options {
    std::string at;  // path of the terminal device
    model::SerialLine line;
    std::filesystem::path control;    // the partition manager connects here
    std::filesystem::path terminals;  // a folder of its own, for those that stand for the line
};

// --at PATH --line '9600 8N1; in turns of 1000 ms' --control PATH --terminals FOLDER: each once.
Result<Options> parse_options(std::span<const char* const> arguments);

}  // namespace bulkhead::passthrough::line
