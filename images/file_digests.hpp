// SHA-256 of files that root alone can change, computed once for each change.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "images/stamp.hpp"

namespace bulkhead::images {

class FileDigests {
  public:
    explicit FileDigests(const Clock& clock) : clock_(clock) {}

    // Of the open file. Code::conflict if it changes meanwhile.
    Result<std::string> of(const std::filesystem::path& path, const Fd& fd, const Stamp& stamp);
    // Of what the path leads to now.
    Result<std::string> of(const std::filesystem::path& path);

  private:
    struct Seen {
        Stamp stamp;
        std::string sha256;
    };
    const Clock& clock_;
    std::map<std::filesystem::path, Seen> seen_;
};

}  // namespace bulkhead::images
