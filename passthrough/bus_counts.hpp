// What passed a port on a CAN bus, and what the bus's controller told.
#pragma once

#include <cstdint>
#include <string>

namespace bulkhead::passthrough {

struct BusCounts {
    std::string state;         // error active, error warning, error passive, bus-off; empty: nothing was told
    std::uint64_t to_bus = 0;  // frames
    std::uint64_t to_guest = 0;
    std::uint64_t lost_to_bus = 0;  // that found no way in time
    std::uint64_t lost_to_guest = 0;
    std::uint64_t bus_off = 0;  // times
    std::uint64_t passive = 0;
    std::uint64_t restarts = 0;
    std::uint64_t errors = 0;  // error frames, of all kinds
    bool operator==(const BusCounts&) const = default;
};

}  // namespace bulkhead::passthrough
