// The partition manager's end of an owner's control socket.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/error.hpp"
#include "base/helper_connection.hpp"
#include "passthrough/owner_state.hpp"

namespace bulkhead::passthrough {

class OwnerConnection {
  public:
    // Code::unavailable if no owner answers there, Code::refused if it is not one of ours.
    static Result<OwnerConnection> open(const std::filesystem::path& control);

    // The state that it sends on connect. Code::timeout, or Code::corrupt.
    Result<OwnerState> state(std::chrono::milliseconds deadline);

    // Has it send a pattern out of its line, and listen for it. Returns when that has ended: Code::timeout.
    Result<LineTestResult> test(const LineTestOrder& order, std::chrono::milliseconds deadline);

    // What may pass between its guest and its device from now on. Returns when that is so: Code::timeout.
    Result<> set(Gate gate, std::chrono::milliseconds deadline);

    // Asks it to end, and kills it if it has not after `patience`. Returns when the process is gone.
    Result<> end(std::chrono::milliseconds patience);

  private:
    // The first state that `is_it` takes.
    template <class Predicate>
    Result<OwnerState> await(std::chrono::milliseconds deadline, Predicate is_it);
    explicit OwnerConnection(HelperConnection helper) : helper_(std::move(helper)) {}
    HelperConnection helper_;
};

}  // namespace bulkhead::passthrough
