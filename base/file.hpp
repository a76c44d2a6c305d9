// Whole files, bounded on the way in and atomic on the way out.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead {

// Reads a regular file of at most `limit` bytes; a larger one is Code::invalid, and not read.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);

// Write beside, fsync, rename over, fsync the folder: after a power cut the file is the old one or the new
// one.
Result<> write_file_atomically(const std::filesystem::path& path, std::string_view content,
                               unsigned mode = 0644);

// Creates the folder and its parents; an existing one is fine. Only the last one gets `mode`.
Result<> make_folder(const std::filesystem::path& path, unsigned mode = 0755);

// Removes a file; one that is not there is fine.
Result<> remove_file(const std::filesystem::path& path);

Result<Fd> open_file(const std::filesystem::path& path, int flags, unsigned mode = 0600);

}  // namespace bulkhead
