// One way of handing a device to a partition. Keeps nothing in memory: a new daemon sees what the last one
// left.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "model/resources.hpp"
#include "passthrough/bus_counts.hpp"
#include "passthrough/gate.hpp"
#include "passthrough/line_guard.hpp"
#include "passthrough/turn_counts.hpp"

namespace bulkhead::passthrough {

// What is known of a device that somebody holds.
struct Hold {
    model::Assignment assignment;
    bool serving = false;               // all is done for it that can be, whether the device is there or not
    bool present = false;               // the device itself is there
    std::uint64_t to_device_bytes = 0;  // of a serial line, or of the transfers of a USB device
    std::uint64_t to_guest_bytes = 0;
    std::string error;                 // why it is not present, or not serving
    std::optional<GuardCounts> guard;  // none without one
    std::optional<BusCounts> bus;      // of a port on a CAN bus
    Gate gate = Gate::open;
    std::optional<LineTurns> turns;  // of a line that several have together
    bool operator==(const Hold&) const = default;
};

class Mode {
  public:
    virtual ~Mode() = default;
    Mode() = default;
    Mode(const Mode&) = delete;
    Mode& operator=(const Mode&) = delete;

    virtual model::DeviceKind kind() const = 0;
    // Also what a crash left half made. From any thread.
    virtual std::map<model::DeviceName, Hold> look() const = 0;
    // Idempotent, as all below. Code::refused if a newer token holds the device.
    virtual Result<> assign(const model::Assignment& wanted) = 0;
    // A device that it does not hold, or that a newer token holds, is left alone.
    virtual Result<> release(const model::DeviceName& device, std::uint64_t token) = 0;
};

}  // namespace bulkhead::passthrough
