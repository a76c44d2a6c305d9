// Finds the interface of one bus by the place of its controller, and again when that came back: by the
// kernel's events of interfaces, and not by asking.
#pragma once

#include <functional>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"
#include "passthrough/inventory/tree.hpp"

namespace bulkhead::passthrough::can {

class BusPort {
  public:
    struct Events {
        std::function<void(unsigned index)> up;  // that interface is up; may be another than before
        std::function<void()> down;              // it is down or gone: error() says which
    };

    BusPort(Loop& loop, std::string place, Events events, inventory::Tree tree = inventory::Tree());
    ~BusPort();
    BusPort(const BusPort&) = delete;
    BusPort& operator=(const BusPort&) = delete;

    // Looks, and looks again with every event. Fails only if the kernel tells of none.
    Result<> start();
    // Who uses it saw that it is down.
    void look();

    const std::string& interface() const { return interface_; }
    const std::string& error() const { return error_; }

  private:
    void on_event();

    Loop& loop_;
    const std::string place_;
    const Events events_;
    const inventory::Tree tree_;
    Fd events_socket_;
    Loop::TimerId timer_ = 0;
    std::string interface_;
    unsigned index_ = 0;  // 0: not up
    std::string error_;
};

}  // namespace bulkhead::passthrough::can
