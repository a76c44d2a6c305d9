// What may pass between a guest and its device, when its partition must be trusted to have it.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/resources.hpp"

namespace bulkhead::passthrough {

enum class Gate : std::uint8_t {
    open,
    closed,        // the guest has no device
    receive_only,  // nothing that changes the device
};

constexpr std::string_view to_string(Gate gate) {
    switch (gate) {
        case Gate::open:
            return "open";
        case Gate::closed:
            return "closed";
        case Gate::receive_only:
            return "receive-only";
    }
    return "closed";
}

// Of an owner that nobody has told anything yet.
constexpr Gate first_gate(const model::DeviceTerms& terms) {
    return terms.trusted ? Gate::closed : Gate::open;
}

}  // namespace bulkhead::passthrough
