// The moment in which an update takes effect.
#pragma once

#include "base/error.hpp"
#include "vnet/maps.hpp"
#include "vnet/state.hpp"

namespace bulkhead::vnet {

// What was written for the coming epoch holds from now on, for every frame whose judgement begins after this.
inline Result<> flip(const Maps& maps, State& state) {
    auto map = maps.policy.epoch;
    BULKHEAD_TRY(map.put(0, state.epoch + 1));
    ++state.epoch;
    return {};
}

}  // namespace bulkhead::vnet
