// Follows the owner of one device from an event loop: tells its state whenever something other than a counter
// changes, and when the owner comes and goes.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>

#include "base/fd.hpp"
#include "base/frame.hpp"
#include "base/loop.hpp"
#include "passthrough/owner_state.hpp"

namespace bulkhead::passthrough {

class OwnerWatch {
  public:
    // Nothing: no owner answers. Called from the loop only, never from the constructor.
    using Changed = std::function<void(const std::optional<OwnerState>& state)>;

    OwnerWatch(Loop& loop, std::filesystem::path control, Changed changed);
    ~OwnerWatch();
    OwnerWatch(const OwnerWatch&) = delete;
    OwnerWatch& operator=(const OwnerWatch&) = delete;

    // What may pass from now on. Its next state tells; asked in vain if no owner is there.
    void ask(Gate gate);

  private:
    void attempt();
    bool connect();
    void on_bytes();
    void lost();

    Loop& loop_;
    std::filesystem::path control_;
    Changed changed_;
    Fd socket_;
    FrameReader reader_;
    std::chrono::milliseconds pause_;
    Loop::TimerId timer_ = 0;
    bool told_absent_ = false;
};

}  // namespace bulkhead::passthrough
