// State and health of a partition from what is known of it. Pure.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "model/observed.hpp"
#include "partition-manager/lifecycle/agent_state.hpp"

namespace bulkhead::lifecycle {

enum class State {
    defined,   // its definition is there or on its way; it was not started yet
    starting,  // QEMU is being started
    booting,   // QEMU runs, the agent has not spoken yet
    running,   // the guest runs
    stopping,  // it was asked to end
    stopped,   // a person stopped it
    failed,    // it should run and does not
};

enum class Health {
    ok,
    degraded,  // it runs, and something in it does not do its work
    unknown,   // nothing recent is known
    no_agent,  // it runs without our agent: a foreign image
};

std::string_view to_string(State state);
std::string_view to_string(Health health);

// What the host knows of a line that the partition uses.
struct LineFact {
    bool present = false;
    std::string error;
};

struct Facts {
    std::optional<model::Power> power;  // nothing: not defined yet
    bool held = false;                  // a person stopped it
    bool operating = false;             // an operation is in progress on the gateway
    bool stopping = false;              // it was asked to power off
    bool started_before = false;
    MonotonicTime running_since;        // meaningless unless it runs
    const AgentState* agent = nullptr;  // null: no session
    bool has_application = false;
    std::map<std::string, LineFact> lines;  // by device
};

struct Condition {
    State state = State::defined;
    Health health = Health::unknown;
    std::string reason;  // empty if ok
};

// How long a guest may boot before it counts as one without our agent. A boot takes 5 s, and under emulation with
// neighbours on the same cores 20 s.
inline constexpr std::chrono::seconds boot_grace{60};
// Three heartbeats.
inline constexpr std::chrono::seconds heartbeat_grace{3};

Condition condition_of(const Facts& facts, MonotonicTime now);

}  // namespace bulkhead::lifecycle
