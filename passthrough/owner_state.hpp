// What the process that owns a device says of itself, and what it may be asked: the messages of
// proto/bulkhead/serial/v1 as values. An owner handles bytes of guests and devices, so what it says is not
// trusted either.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "model/resources.hpp"
#include "passthrough/bus_counts.hpp"
#include "passthrough/gate.hpp"
#include "passthrough/line_guard.hpp"
#include "passthrough/line_test_result.hpp"

namespace bulkhead::passthrough {

struct OwnerState {
    model::Assignment assignment;
    bool present = false;    // the device is open
    bool connected = false;  // the virtual machine is connected
    std::uint64_t to_device_bytes = 0;
    std::uint64_t to_guest_bytes = 0;
    std::string error;                   // why the device is not open
    pid_t pid = 0;                       // of the owner
    std::optional<GuardCounts> guard;    // none without one
    std::string found;                   // at a USB port: what was opened there last, in words
    std::optional<BusCounts> bus;        // of a port on a CAN bus
    std::optional<LineTestResult> test;  // of a line: the latest that ended
    Gate gate = Gate::open;
    bool operator==(const OwnerState&) const = default;
};

// The payload of one frame.
std::string encode(const OwnerState& state);
// Code::corrupt if a field is not what an owner of ours would say.
Result<OwnerState> decode_owner_state(std::string_view payload);

// OwnerRequest{stop}: release the device and end.
std::string encode_stop_request();
bool is_stop_request(std::string_view payload);

// OwnerRequest{test}: send a pattern out of the line, and listen for it.
std::string encode_test_request(const LineTestOrder& order);
// Nothing: it asks for none, or for one of no or too many bytes.
std::optional<LineTestOrder> test_request(std::string_view payload);

// OwnerRequest{gate}: what may pass from now on.
std::string encode_gate_request(Gate gate);
std::optional<Gate> gate_request(std::string_view payload);

}  // namespace bulkhead::passthrough
