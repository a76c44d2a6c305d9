// The adapter's side of the Lawicel protocol: bytes of commands in, bytes of answers out. No input and output
// of its own.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "examples/simulators/can-adapter/slcan.hpp"

namespace bulkhead::simulators {

class Adapter {
  public:
    // Called with each frame that the host sends onto the bus.
    explicit Adapter(std::function<void(const CanFrame&)> transmit) : transmit_(std::move(transmit)) {}

    // The answers to all commands that `bytes` complete: carriage return for done, bell for refused.
    std::string feed(std::string_view bytes);

    bool is_open() const { return open_; }
    unsigned bits_per_second() const { return bits_per_second_; }

  private:
    std::string answer(std::string_view command);
    std::string set_speed(std::string_view digit);
    std::string send(std::string_view command);

    std::function<void(const CanFrame&)> transmit_;
    std::string command_;
    bool too_long_ = false;
    bool open_ = false;
    bool listen_only_ = false;
    unsigned bits_per_second_ = 0;
};

}  // namespace bulkhead::simulators
