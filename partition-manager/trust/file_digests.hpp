// Digests of programs and images that take part in a start.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/error.hpp"

namespace bulkhead::trust {

// SHA-256 in lower-case hexadecimal of what a path leads to now.
using DigestOf = std::function<Result<std::string>(const std::filesystem::path&)>;

}  // namespace bulkhead::trust
