// What a partition may send and hear on a CAN bus (ISO 11898-1), as data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::model {

// Frames whose identifier has the bits of `id` where `mask` has ones. Standard (11 bits) and extended (29
// bits) identifiers are different ones, whatever their number.
struct CanRule {
    std::uint32_t id = 0;
    std::uint32_t mask = 0;
    bool extended = false;
    bool send = false;
    bool receive = false;
    unsigned rate = 0;  // frames per second that may be sent; 0: not limited
    bool operator==(const CanRule&) const = default;
};

// Whatever no rule allows is neither sent nor heard.
struct CanGuard {
    std::vector<CanRule> allow;
    bool operator==(const CanGuard&) const = default;
    // Nothing may be sent: the adapter listens only, and acknowledges nothing either.
    bool is_receive_only() const;
    // Everything may be sent and heard, at any rate.
    bool is_everything() const;
};
// The guard of who needs none.
CanGuard everything_on_the_bus();

inline constexpr std::uint32_t longest_standard_id = 0x7ff;
inline constexpr std::uint32_t longest_extended_id = 0x1fffffff;

// "send 0x181", "receive 0x180/0x7f0", "send receive extended 0x18fee500/0x1fffff00 at 100/s".
std::string to_string(const CanRule& rule);
Result<CanRule> parse_can_rule(std::string_view text);
// Where a CAN controller is on the buses of a gateway: 0000:00:08.0, 1-2:1.0, 0000:00:08.0/1 of one with
// several channels; of a virtual one its name. A word of at most 64 letters, digits and :._- and the channel.
bool is_can_place(std::string_view text);
// Rules joined by "; ", and back.
std::string to_string(const CanGuard& guard);
Result<CanGuard> parse_can_guard(std::string_view text);

}  // namespace bulkhead::model
