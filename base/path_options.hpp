#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "base/error.hpp"

namespace bulkhead {

// "--name PATH" for each of `wanted`, each once, and nothing else: what a helper of ours is started with.
Result<> parse_path_options(std::span<const char* const> arguments,
                            std::map<std::string, std::filesystem::path*> wanted);

}  // namespace bulkhead
