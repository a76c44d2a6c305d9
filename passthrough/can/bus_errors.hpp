// What a controller tells of its bus, counted: error frames of linux/can/error.h.
#pragma once

#include <linux/can.h>

#include <cstdint>
#include <string_view>

namespace bulkhead::passthrough::can {

struct BusErrors {
    enum class State : std::uint8_t { untold, active, warning, passive, off };

    State state = State::untold;
    std::uint64_t bus_off = 0;
    std::uint64_t passive = 0;
    std::uint64_t restarts = 0;
    std::uint64_t frames = 0;  // of all kinds

    // Whether the state is another one now.
    bool note(const can_frame& error);
};

// error active, error warning, error passive, bus-off (ISO 11898-1); empty: it has told nothing so far.
std::string_view to_string(BusErrors::State state);

}  // namespace bulkhead::passthrough::can
