// From what is known of a partition to what a person is told: a pure function.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/observed.hpp"
#include "partition-manager/lifecycle/agent_state.hpp"

namespace bulkhead::lifecycle {

enum class State {
    defined,   // never started
    starting,  // it should run, and QEMU does not yet
    booting,   // QEMU runs, the agent has not spoken yet
    running,   // QEMU runs
    stopping,  // it was asked to power off
    stopped,   // it ran once, and was stopped
    failed,    // it ended or stands still though it should run
};

enum class Health {
    ok,
    degraded,  // the reason says what is not as it should be
    unknown,   // nothing can be said: it does not run, boots, or its agent is late
    no_agent,  // it runs an image without our agent, or one whose agent never spoke
};

std::string_view to_string(State state);
std::string_view to_string(Health health);  // ok, degraded, unknown, no agent

// What the manager wants of it right now.
enum class Intent {
    rest,   // nothing: off, or left as it is
    start,  // to run; a start may be under way
    stop,   // to be off; a stop may be under way
};

struct DeviceFact {
    std::string name;
    bool present = true;    // the gateway's side: its tty, or whatever it is, is there
    std::string error;      // of the gateway's side
    bool withheld = false;  // by the gateway itself: the partition is not trusted
};

struct HealthFacts {
    model::Power power = model::Power::off;
    Intent intent = Intent::rest;
    bool started_before = false;
    bool start_failed = false;  // the last start failed, or the machine ended by itself
    std::string failure;        // why
    std::chrono::milliseconds powered_for{0};
    bool application_wanted = false;
    std::vector<DeviceFact> devices;
    const AgentState* agent = nullptr;  // null: no session
    std::chrono::milliseconds heartbeat_interval{1000};
    MonotonicTime now;
};

struct Verdict {
    State state = State::defined;
    Health health = Health::unknown;
    std::string reason;  // empty if ok
    bool operator==(const Verdict&) const = default;
};

inline constexpr std::chrono::seconds agent_grace{60};  // to boot and say Hello
inline constexpr int late_heartbeats = 3;               // intervals

Verdict judge(const HealthFacts& facts);

}  // namespace bulkhead::lifecycle
