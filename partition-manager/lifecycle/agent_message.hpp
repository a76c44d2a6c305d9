// A guest's message, checked: the only way from a guest's bytes into the daemon's values.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "partition-manager/lifecycle/agent_state.hpp"

namespace bulkhead::lifecycle {

struct OutputLine {
    bool reading = false;
    std::string text;
    std::uint32_t dropped = 0;  // lines before it
};

struct Violation {
    std::string call;
    std::uint32_t count = 0;
};

struct Configured {
    std::uint32_t revision = 0;
    std::string error;  // empty: done
};

// Of the partition's TPM. Bytes are the guest's word, cut to the size that they may have; who asked checks
// them.
struct QuoteAnswer {
    std::uint64_t round = 0;
    std::string error;  // empty: the rest is there
    std::string attest;
    std::string signature;
    std::vector<std::string> pcrs;  // in the order of the request
    std::string ak_public;
    std::string ek_public;
};
struct ActivateAnswer {
    std::uint64_t round = 0;
    std::string error;
    std::string activated;
};

using AgentMessage =
    std::variant<AgentHello, AgentHeartbeat, OutputLine, Violation, Configured, QuoteAnswer, ActivateAnswer>;

// Strings are cut and made printable, lists are cut at 16 entries, unknown enum values are refused. Never
// sizes anything by a number in `payload`.
Result<AgentMessage> decode_agent_message(std::string_view payload);

}  // namespace bulkhead::lifecycle
