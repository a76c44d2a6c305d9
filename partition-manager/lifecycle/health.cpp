#include "partition-manager/lifecycle/health.hpp"

#include <array>
#include <cstddef>

#include "base/units.hpp"

namespace bulkhead::lifecycle {
namespace {

using model::Power;
using std::chrono::duration_cast;
using std::chrono::seconds;

// By power (off, running, paused) and intent (rest, start, stop). Off and resting is refined by history,
// running by the agent.
constexpr std::array<std::array<State, 3>, 3> states{{
    {State::stopped, State::starting, State::stopped},
    {State::running, State::running, State::stopping},
    {State::failed, State::failed, State::stopping},
}};
constexpr State state_of(Power power, Intent intent) {
    return states[static_cast<std::size_t>(power)][static_cast<std::size_t>(intent)];
}
// What is off never runs, and what should be off never starts.
static_assert(state_of(Power::off, Intent::stop) == State::stopped);
static_assert(state_of(Power::off, Intent::start) == State::starting);
static_assert(state_of(Power::running, Intent::stop) == State::stopping);
static_assert(state_of(Power::paused, Intent::start) == State::failed);

std::string age(std::chrono::milliseconds time) {
    return human_age(duration_cast<seconds>(time));
}

// What is wrong with a partition whose agent speaks; empty: nothing.
std::string complaint(const HealthFacts& facts) {
    const AgentState& agent = *facts.agent;
    for (const auto& device : facts.devices)
        if (device.withheld) return "device " + device.name + " is withheld: the partition is not trusted";
    // The application's own word comes first: it knows what the line is for.
    const ApplicationReport& application = agent.heartbeat->application;
    if (facts.application_wanted && application.state == ApplicationState::running &&
        !application.degraded.empty())
        return application.degraded;
    for (const auto& device : facts.devices) {
        if (!device.present)
            return "device " + device.name + (device.error.empty() ? " is gone" : ": " + device.error);
    }
    if (agent.configure_error && !agent.configure_error->empty())
        return "not set up: " + *agent.configure_error;
    for (const auto& device : agent.heartbeat->devices)
        if (!device.present) return "device " + device.name + " is missing in the guest";
    if (!facts.application_wanted) return {};
    switch (application.state) {
        case ApplicationState::running:
            return {};
        case ApplicationState::backing_off:
            return "application ended with " +
                   (application.exit_code < 0 ? "signal " + std::to_string(-application.exit_code)
                                              : "code " + std::to_string(application.exit_code)) +
                   ", restarts " + std::to_string(application.restarts);
        case ApplicationState::failed:
            return "application can't be started: " + application.error;
        case ApplicationState::none:
            return {};
    }
    return {};
}

// After a hello the agent makes addresses, volumes and lines first, and starts the application then.
bool is_being_set_up(const HealthFacts& facts) {
    if (!facts.agent->configure_error) return true;
    return facts.application_wanted && facts.agent->configure_error->empty() &&
           facts.agent->heartbeat->application.state == ApplicationState::none;
}

Verdict judge_running(const HealthFacts& facts) {
    const AgentState* const agent = facts.agent;
    const bool spoke = agent != nullptr && agent->heartbeat && agent->last_heard;
    if (!spoke && facts.powered_for < agent_grace)
        return {State::booting, Health::unknown, "its agent has not spoken yet"};
    if (!spoke)
        return {State::running, Health::no_agent, "no agent has spoken for " + age(facts.powered_for)};
    const auto silence = duration_cast<std::chrono::milliseconds>(facts.now - *agent->last_heard);
    if (silence >= late_heartbeats * facts.heartbeat_interval)
        return {State::running, Health::unknown, "no heartbeat for " + age(silence)};
    if (is_being_set_up(facts)) return {State::running, Health::unknown, "the agent is setting it up"};
    if (auto why = complaint(facts); !why.empty()) return {State::running, Health::degraded, std::move(why)};
    return {State::running, Health::ok, {}};
}

}  // namespace

std::string_view to_string(State state) {
    constexpr std::array<std::string_view, 7> names{"defined",  "starting", "booting", "running",
                                                    "stopping", "stopped",  "failed"};
    return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(Health health) {
    constexpr std::array<std::string_view, 4> names{"ok", "degraded", "unknown", "no agent"};
    return names[static_cast<std::size_t>(health)];
}

Verdict judge(const HealthFacts& facts) {
    const State state = state_of(facts.power, facts.intent);
    if (state == State::running) return judge_running(facts);
    if (state == State::stopping) return {state, Health::unknown, "stopping"};
    if (facts.power == Power::paused) return {state, Health::unknown, "the machine stands still (paused)"};
    if (facts.start_failed && facts.intent != Intent::stop)
        return {State::failed, Health::unknown, facts.failure.empty() ? "it ended by itself" : facts.failure};
    if (state == State::starting) return {state, Health::unknown, "starting"};
    if (!facts.started_before) return {State::defined, Health::unknown, "never started"};
    return {State::stopped, Health::unknown, "stopped"};
}

}  // namespace bulkhead::lifecycle
