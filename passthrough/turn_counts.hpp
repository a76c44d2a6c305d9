// What became of the requests that one of several partitions had for a line.
#pragma once

#include <chrono>
#include <cstdint>

namespace bulkhead::passthrough {

struct TurnCounts {
    std::uint64_t turns = 0;      // requests that went out on the line
    std::uint64_t answered = 0;   // of those, broadcasts included
    std::uint64_t timed_out = 0;  // of those: nobody answered in time
    std::uint64_t given_up = 0;   // requests that a newer one of the same partition took the place of
    std::uint64_t broken = 0;     // what is no request
    std::uint64_t waited = 0;     // turns that came later than at once
    std::chrono::microseconds waited_for{0};    // all waits together
    std::chrono::microseconds longest_wait{0};  // whether it ended with a turn or was given up
    bool operator==(const TurnCounts&) const = default;
};

// A device's, with what is of the whole line.
struct LineTurns {
    TurnCounts counts;
    unsigned devices = 0;           // that have the line together
    std::uint64_t stray_bytes = 0;  // that came late, or that nobody asked for
    bool operator==(const LineTurns&) const = default;
};

}  // namespace bulkhead::passthrough
