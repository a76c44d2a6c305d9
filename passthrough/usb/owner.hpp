// The owner of one port: fence, device, guest and control socket put together.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "base/helper_control.hpp"
#include "base/loop.hpp"
#include "passthrough/fence.hpp"
#include "passthrough/guest_port.hpp"
#include "passthrough/owner_options.hpp"
#include "passthrough/owner_state.hpp"
#include "passthrough/usb/port.hpp"
#include "passthrough/usb/redirection.hpp"

namespace bulkhead::passthrough::usb {

class Owner {
  public:
    // Serves when this returns: both sockets are in place. Nothing may be plugged in.
    static Result<std::unique_ptr<Owner>> open(Loop& loop, const OwnerOptions& options);
    // Gives the device back to the kernel.
    ~Owner();
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;

  private:
    Owner(Loop& loop, OwnerOptions options, Fence fence, std::unique_ptr<Library> library);
    Result<> start();
    void on_request(std::string_view request);
    void on_opened(Fd node);
    void on_failed();
    void on_guest_joined(int fd);
    OwnerState state() const;

    Loop& loop_;
    OwnerOptions options_;
    Fence fence_;
    std::unique_ptr<Library> library_;
    Redirection redirection_;
    Port port_;
    GuestPort guest_;
    HelperControl control_;
    Gate gate_;
    std::string last_;  // what was plugged in before
};

}  // namespace bulkhead::passthrough::usb
