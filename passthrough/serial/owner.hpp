// The owner of one line: fence, terminal, guest and control socket put together.
#pragma once

#include <memory>

#include "base/error.hpp"
#include "base/helper_control.hpp"
#include "base/loop.hpp"
#include "passthrough/fence.hpp"
#include "passthrough/guest_port.hpp"
#include "passthrough/owner_options.hpp"
#include "passthrough/owner_state.hpp"
#include "passthrough/serial/pump.hpp"
#include "passthrough/serial/tty_port.hpp"

namespace bulkhead::passthrough::serial {

class Owner {
  public:
    // Serves when this returns: both sockets are in place. The terminal may be absent.
    static Result<std::unique_ptr<Owner>> open(Loop& loop, const OwnerOptions& options);

  private:
    Owner(Loop& loop, OwnerOptions options, Fence fence);
    Result<> start();
    void on_tty_opened(int fd);
    void on_tty_failed();
    void on_guest_joined(int fd);
    OwnerState state() const;

    Loop& loop_;
    OwnerOptions options_;
    Fence fence_;
    Pump pump_;
    TtyPort tty_;
    GuestPort guest_;
    HelperControl control_;
};

}  // namespace bulkhead::passthrough::serial
