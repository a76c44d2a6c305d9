// ustar archives (POSIX.1-1988) of regular files and folders, and nothing else: what else tar can hold
// (links, devices, extended headers) is what path escapes are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::images {

struct TarEntry {
    std::string path;  // checked by fault_of_bundle_path()
    bool folder = false;
    bool executable = false;
    std::string_view content;  // a part of the archive
};

struct TarLimits {
    std::size_t entries = 0;
};

// Entries as they stand there. Code::corrupt (truncated, checksum, trailing bytes) or Code::refused (a kind
// of entry, a path, a path twice, a file below a file, too many). Owners, times and names of users are
// ignored.
Result<std::vector<TarEntry>> read_tar(std::string_view archive, const TarLimits& limits,
                                       const std::string& where);

// The same bits for the same entries: sorted by path, time 0, owner 0:0, modes 0755 and 0644. The contents
// are copied. A path that a header can't hold is Code::invalid.
Result<std::string> write_tar(std::vector<TarEntry> entries);

}  // namespace bulkhead::images
