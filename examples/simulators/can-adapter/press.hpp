// The press on the bus: two frames of process data every 20 ms, as a CANopen node sends its first two TPDOs
// (CiA 301), and a heartbeat every second.
#pragma once

#include <chrono>
#include <optional>

#include "examples/simulators/can-adapter/slcan.hpp"

namespace bulkhead::simulators {

// 0x181: force, 0.01 kN, unsigned 16 bits, little-endian.  0x182: position, 0.01 mm, the same.
// 0x701: state 5, operational.
inline constexpr std::uint32_t force_id = 0x181;
inline constexpr std::uint32_t position_id = 0x182;
inline constexpr std::uint32_t heartbeat_id = 0x701;

struct Stroke {
    double force;     // kN
    double position;  // mm below the upper dead centre
};

Stroke stroke_at(std::chrono::milliseconds age);

// What the press says, in the order in which it says it.
class Press {
  public:
    // The next frame that is due at `age`, or nothing. Frames missed while nobody asked are not made up for.
    std::optional<CanFrame> next(std::chrono::milliseconds age);
    // When the next frame is due.
    std::chrono::milliseconds due() const;

  private:
    std::chrono::milliseconds force_due_{0};
    std::chrono::milliseconds position_due_{10};
    std::chrono::milliseconds heartbeat_due_{5};
};

}  // namespace bulkhead::simulators
