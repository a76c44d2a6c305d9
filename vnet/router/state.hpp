// What a router's process says of itself, as frames of its control socket. It handles bytes of guests and of
// the outside, so what it says is not trusted either.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "model/names.hpp"

namespace bulkhead::vnet::router {

struct UplinkState {
    model::UplinkName name;
    bool healthy = true;
    bool used = false;  // the default route leads over it
    bool operator==(const UplinkState&) const = default;
};

// Somebody else changed the router's rules; they were put back each time.
struct Tampering {
    unsigned times = 0;
    std::string who;  // the latest time
    bool operator==(const Tampering&) const = default;
};

struct State {
    std::string config;  // config_id() of the text in force
    std::string error;   // why it is not in force whole
    std::vector<UplinkState> uplinks;
    Tampering tampering;
    pid_t pid = 0;
    bool operator==(const State&) const = default;
};

std::string encode(const State& state);
// Code::corrupt if it is not what a router of ours would say.
Result<State> decode_state(std::string_view payload);

}  // namespace bulkhead::vnet::router
