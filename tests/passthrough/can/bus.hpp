// A virtual CAN bus of the kernel for one test, and who speaks on it.
#pragma once

#include <gtest/gtest.h>
#include <linux/can.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "passthrough/can/links.hpp"
#include "tests/passthrough/child.hpp"
#include "tests/passthrough/line.hpp"

namespace bulkhead::testing_support {

// Why no test of real frames can be here; empty: they can.
std::string no_can_because();

class Bus {
  public:
    explicit Bus(std::string name);
    ~Bus();
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

    void set_up(bool up);
    void remove();
    void make();
    const std::string& name() const { return name_; }

  private:
    std::string name_;
    passthrough::can::KernelLinks links_;
};

// A program of its own on that interface, as another machine on the bus, or as the guest at its end.
class Speaker {
  public:
    explicit Speaker(const std::string& interface);

    void say(canid_t id) const;
    // The identifiers that come until it was silent for so long.
    std::vector<canid_t> hear(std::chrono::milliseconds silence = std::chrono::milliseconds(500)) const;
    // The next one; nothing within five seconds.
    std::optional<canid_t> next() const;

  private:
    Fd socket_;
};

}  // namespace bulkhead::testing_support
