// What the process that gives several partitions their turns at one line says of itself, and what it may be
// asked: messages of proto/bulkhead/serial/v1 as values. It handles bytes of guests and devices, so what it
// says is not trusted either.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "model/names.hpp"
#include "model/serial_line.hpp"
#include "passthrough/turn_counts.hpp"

namespace bulkhead::passthrough {

// More would wait too long for each other.
inline constexpr std::size_t most_at_a_line = 8;

struct LineState {
    std::string at;
    model::SerialLine line;
    bool present = false;  // the tty is open
    std::string error;     // why it is not
    pid_t pid = 0;
    std::uint64_t stray_bytes = 0;
    std::map<model::DeviceName, TurnCounts> turns;  // of all that have the line together
    bool operator==(const LineState&) const = default;
};

// The payload of one frame.
std::string encode(const LineState& state);
// Code::corrupt if a field is not what a process of ours would say.
Result<LineState> decode_line_state(std::string_view payload);

struct LineRequest {
    bool stop = false;                       // release the line and end
    std::optional<model::DeviceName> join;   // that is to have turns from now on
    std::optional<model::DeviceName> leave;  // that has none any more
    bool operator==(const LineRequest&) const = default;
};
std::string encode(const LineRequest& request);
// What is no request of ours asks for nothing.
LineRequest decode_line_request(std::string_view payload);

}  // namespace bulkhead::passthrough
