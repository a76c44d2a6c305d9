// OpenSSL's SHA-256. No other module of the planner includes its headers.
#pragma once

#include <string>
#include <string_view>

namespace bulkhead::plan {

// Hexadecimal, 64 digits.
std::string sha256(std::string_view text);

}  // namespace bulkhead::plan
