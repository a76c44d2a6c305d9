// The owner of one port on a CAN bus: fence, the guest's interface, the bus, the judge and the control socket
// put together.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "base/helper_control.hpp"
#include "base/loop.hpp"
#include "passthrough/can/bus_port.hpp"
#include "passthrough/can/pump.hpp"
#include "passthrough/fence.hpp"
#include "passthrough/owner_options.hpp"
#include "passthrough/owner_state.hpp"

namespace bulkhead::passthrough::can {

class Owner {
  public:
    // Serves when this returns. The bus may be absent; the guest's interface must be there.
    static Result<std::unique_ptr<Owner>> open(Loop& loop, const OwnerOptions& options);
    ~Owner();
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;

  private:
    Owner(Loop& loop, OwnerOptions options, Fence fence, Fd guest, Fd bus);
    Result<> start();
    void on_request(std::string_view request);
    void on_bus_up(unsigned index);
    void on_bus_down();
    void publish_soon();
    std::string error() const;
    OwnerState state() const;

    Loop& loop_;
    OwnerOptions options_;
    Fence fence_;
    Fd guest_;
    Fd bus_;
    Pump pump_;
    BusPort port_;
    HelperControl control_;
    Loop::TimerId publishing_ = 0;
};

}  // namespace bulkhead::passthrough::can
