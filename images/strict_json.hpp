// JSON from elsewhere, without what the library lets pass: a key twice (the last one would win), and depth.
#pragma once

#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace bulkhead::images {

inline constexpr int json_depth_limit = 8;

// The document, or what is wrong with it: "is not JSON: ...", "has the key \"a\" twice".
std::expected<nlohmann::json, std::string> parse_strict_json(std::string_view text);

}  // namespace bulkhead::images
