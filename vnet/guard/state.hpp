// What a guard's process says of itself, as frames of its control socket. It handles bytes of guests, so what
// it says is not trusted either.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "model/guard_counts.hpp"
#include "model/names.hpp"

namespace bulkhead::vnet::guard {

struct State {
    std::string config;  // config_id() of the text in force
    std::string error;   // why it is not in force whole
    std::map<model::ConduitName, model::GuardCounts> conduits;
    pid_t pid = 0;
    bool operator==(const State&) const = default;
};

std::string encode(const State& state);
// Code::corrupt if it is not what a guard of ours would say.
Result<State> decode_state(std::string_view payload);

inline constexpr std::size_t most_conduits = 256;  // of one guard: what it says fits into one frame

}  // namespace bulkhead::vnet::guard
