// A bundle's files as the read-only disk of a guest: ext4, made by mke2fs, as volumes are. The host never
// mounts it.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "images/bundle/bundle.hpp"

namespace bulkhead::images {

// Writes `path`, whole or not at all. `work` is a folder for what is half done; it is made anew and removed.
// The disk holds the files and .bulkhead/command, which tells the agent what to start.
Result<> make_bundle_disk(const Bundle& bundle, const std::filesystem::path& path,
                          const std::filesystem::path& work);

}  // namespace bulkhead::images
