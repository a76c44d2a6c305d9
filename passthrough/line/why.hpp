// What the owners of devices that have a line together are told of it while it is not there.
#pragma once

#include <cstddef>
#include <filesystem>

namespace bulkhead::passthrough::line {

inline constexpr std::size_t longest_why = 1024;

// A file beside their terminals: no device has such a name.
inline std::filesystem::path why_there_is_none(const std::filesystem::path& terminals) {
    return terminals / ".why";
}

}  // namespace bulkhead::passthrough::line
