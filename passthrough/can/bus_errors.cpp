#include "passthrough/can/bus_errors.hpp"

#include <linux/can/error.h>

#include <optional>

namespace bulkhead::passthrough::can {
namespace {

using State = BusErrors::State;

// What stands in the frame, from the worst on; nothing: it is about something else.
std::optional<State> state_of(const can_frame& error) {
    if ((error.can_id & CAN_ERR_BUSOFF) != 0) return State::off;
    if ((error.can_id & CAN_ERR_RESTARTED) != 0) return State::active;
    if ((error.can_id & CAN_ERR_CRTL) == 0) return std::nullopt;
    constexpr unsigned passive = CAN_ERR_CRTL_RX_PASSIVE | CAN_ERR_CRTL_TX_PASSIVE;
    constexpr unsigned warning = CAN_ERR_CRTL_RX_WARNING | CAN_ERR_CRTL_TX_WARNING;
    if ((error.data[1] & passive) != 0) return State::passive;
    if ((error.data[1] & warning) != 0) return State::warning;
    if ((error.data[1] & CAN_ERR_CRTL_ACTIVE) != 0) return State::active;
    return std::nullopt;
}

}  // namespace

std::string_view to_string(State state) {
    switch (state) {
        case State::untold:
            return "";
        case State::active:
            return "error active";
        case State::warning:
            return "error warning";
        case State::passive:
            return "error passive";
        case State::off:
            return "bus-off";
    }
    return "";
}

bool BusErrors::note(const can_frame& error) {
    ++frames;
    if ((error.can_id & CAN_ERR_RESTARTED) != 0) ++restarts;
    const auto told = state_of(error);
    if (!told || *told == state) return false;
    if (*told == State::off) ++bus_off;
    if (*told == State::passive) ++passive;
    state = *told;
    return true;
}

}  // namespace bulkhead::passthrough::can
