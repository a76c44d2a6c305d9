#pragma once

#include <filesystem>
#include <span>

#include "base/error.hpp"

namespace bulkhead::vnet::router {

struct Options {
    std::filesystem::path config;   // what it is to be: model::router_text()
    std::filesystem::path control;  // the partition manager connects here
    std::filesystem::path folder;   // for what its programs read and keep
};

// --config PATH --control PATH --folder PATH, each once.
Result<Options> parse_options(std::span<const char* const> arguments);

}  // namespace bulkhead::vnet::router
