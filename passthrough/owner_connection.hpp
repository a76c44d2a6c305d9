// The partition manager's end of an owner's control socket, for blocking use on a worker thread. Every wait
// has a deadline and every read a bound: the owner may be hung, or taken over by what it reads.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "passthrough/owner_state.hpp"

namespace bulkhead::passthrough {

class OwnerConnection {
  public:
    // Code::unavailable if no owner answers there, Code::refused if it is not one of ours.
    static Result<OwnerConnection> open(const std::filesystem::path& control);

    // The state that it sends on connect. Code::timeout, or Code::corrupt.
    Result<OwnerState> state(std::chrono::milliseconds deadline);

    // Asks it to end, and kills it if it has not after `patience`. Returns when the process is gone.
    Result<> end(std::chrono::milliseconds patience);

  private:
    OwnerConnection(Fd socket, Fd process) : socket_(std::move(socket)), process_(std::move(process)) {}
    Fd socket_;
    Fd process_;  // pidfd: never means another process, as a number may
};

}  // namespace bulkhead::passthrough
