// From a frame's payload to values within bounds. Pure; this is where a guest's bytes become ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "partition-manager/lifecycle/agent_state.hpp"

namespace bulkhead::lifecycle {

struct OutputMessage {
    bool reading = false;
    std::string text;
    std::uint32_t dropped = 0;
};
struct ViolationMessage {
    std::string syscall;
    std::uint32_t count = 0;
};
struct ConfiguredMessage {
    std::string error;
    std::uint32_t revision = 0;
};

using AgentMessage = std::variant<AgentHello, Heartbeat, OutputMessage, ViolationMessage, ConfiguredMessage>;

// Nothing if the payload is none of our messages. Strings are cut and cleaned, lists are cut.
std::optional<AgentMessage> read_agent_message(std::string_view payload);

}  // namespace bulkhead::lifecycle
