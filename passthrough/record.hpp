// An assignment as it is written beside what it is about, so that whoever comes later knows: one "key value"
// a line.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "model/resources.hpp"

namespace bulkhead::passthrough {

inline constexpr std::size_t longest_record = 8192;

std::string encode_record(const model::Assignment& assignment);
// Code::corrupt; `path` is for the error only. Keys that it does not know are others'.
Result<model::Assignment> decode_record(std::string_view text, const std::filesystem::path& path);
// All keys with their values.
std::map<std::string, std::string> record_values(std::string_view text);

}  // namespace bulkhead::passthrough
