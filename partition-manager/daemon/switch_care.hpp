// Looks after the switch, tenants' routers and the guards of their conduits while nobody asks: tells what was
// changed by somebody else, what befell uplinks and what was refused, and has it mended.
#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include "base/loop.hpp"
#include "partition-manager/apply/events.hpp"
#include "vnet/driver.hpp"
#include "vnet/guard/driver.hpp"
#include "vnet/router/driver.hpp"
#include "vnet/watch.hpp"

namespace bulkhead::daemon {

class SwitchCare {
  public:
    struct Parts {
        Loop& loop;
        std::function<void(std::function<void()>)> submit;  // to the one thread that acts
        vnet::SwitchDriver& ports;
        vnet::router::RouterDriver& routers;
        vnet::guard::GuardDriver& guards;
        std::function<void(const apply::Event&)> record;
        std::function<void()> mend;  // on the loop's thread
    };
    explicit SwitchCare(Parts parts) : parts_(std::move(parts)) {}

    // From then on it looks at once when the kernel tells of a change, and now and then for what it does not
    // tell of (a map, a setting). On the loop's thread.
    Result<> begin();
    // What was found so far, as events. On the thread that acts.
    void tell();

  private:
    void look();
    void look_later(std::chrono::milliseconds took);

    const Parts parts_;
    std::atomic<bool> looking_ = false;
    Loop::TimerId timer_ = 0;
    std::optional<vnet::Watch> watch_;
};

}  // namespace bulkhead::daemon
