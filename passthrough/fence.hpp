// The fence of one device: a locked file that remembers the latest assignment. Whoever holds an older token
// than the one recorded has lost the device, whatever it believes.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "model/resources.hpp"

namespace bulkhead::passthrough {

class Fence {
  public:
    // Takes the lock, for as long as the Fence lives, and records the assignment. An older token than the one
    // recorded is Code::refused; the same token while its owner lives is Code::conflict; a newer one waits up
    // to `patience` for the older owner to end. Unit of the file: one "key value" per line.
    static Result<Fence> acquire(const std::filesystem::path& path, const model::Assignment& assignment,
                                 std::chrono::seconds patience);

    // What is recorded, for those who only look. Code::not_found if there is no such file.
    static Result<model::Assignment> recorded(const std::filesystem::path& path);

    // Beside the control socket of the same device.
    static std::filesystem::path path_of(const std::filesystem::path& control);

  private:
    explicit Fence(Fd lock) : lock_(std::move(lock)) {}
    Fd lock_;
};

}  // namespace bulkhead::passthrough
