// Waits until something is moved into a folder: that is how a process of ours says that it serves.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::passthrough {

class FolderEvents {
  public:
    // What happens from here on is not missed.
    static Result<FolderEvents> open(const std::filesystem::path& folder);

    // Whether something came before `end`. Blocks.
    bool wait_until(std::chrono::steady_clock::time_point end) const;

  private:
    explicit FolderEvents(Fd inotify) : inotify_(std::move(inotify)) {}
    Fd inotify_;
};

}  // namespace bulkhead::passthrough
