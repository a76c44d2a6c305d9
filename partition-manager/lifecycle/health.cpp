#include "partition-manager/lifecycle/health.hpp"

#include <array>

namespace bulkhead::lifecycle {
namespace {

constexpr std::array<std::string_view, 7> state_names{"defined", "starting", "booting", "running",
                                                      "stopping", "stopped", "failed"};
constexpr std::array<std::string_view, 4> health_names{"ok", "degraded", "unknown", "no agent"};

std::string seconds_text(MonotonicTime::duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

// Why the application does not do its work; empty if it does.
std::string application_trouble(const ApplicationReport& report, bool wanted) {
    switch (report.state) {
        case ApplicationState::running: return report.degraded;
        case ApplicationState::failed:
            return "the application can't be started" + (report.error.empty() ? "" : ": " + report.error);
        case ApplicationState::backing_off:
            return "the application ended " +
                   (report.exit_code < 0 ? "by signal " + std::to_string(-report.exit_code)
                                         : "with exit code " + std::to_string(report.exit_code)) +
                   " and will be started again (restart " + std::to_string(report.restarts) + ")";
        case ApplicationState::none: return wanted ? "the application does not run yet" : "";
    }
    return {};
}

// The application's own word comes first: it knows what the line is for.
std::string trouble(const Facts& facts, const AgentState& agent) {
    if (!agent.configure_error.empty()) return "the agent can't set it up: " + agent.configure_error;
    const auto& report = agent.heartbeat->application;
    const bool its_own_word = report.state == ApplicationState::running && !report.degraded.empty();
    if (its_own_word) return report.degraded;
    for (const auto& [device, line] : facts.lines) {
        if (!line.present) return "device " + device + ": " + (line.error.empty() ? "not present" : line.error);
        const auto seen = agent.heartbeat->devices.find(device);
        if (seen != agent.heartbeat->devices.end() && !seen->second) return "device " + device + " is missing in the guest";
    }
    return application_trouble(report, facts.has_application);
}

Condition running_condition(const Facts& facts, MonotonicTime now) {
    const auto* agent = facts.agent;
    const bool spoke = agent != nullptr && agent->hello;
    if (!spoke) {
        const auto running = now - facts.running_since;
        if (running < boot_grace) return {State::booting, Health::unknown, "booting"};
        return {State::running, Health::no_agent, "no agent has spoken since the start"};
    }
    if (now - agent->heard > heartbeat_grace)
        return {State::running, Health::unknown, "no heartbeat for " + seconds_text(now - agent->heard)};
    if (!agent->heartbeat || !agent->configured) {
        if (!agent->configure_error.empty()) return {State::running, Health::degraded, agent->configure_error};
        return {State::running, Health::unknown, "the agent is setting it up"};
    }
    if (auto reason = trouble(facts, *agent); !reason.empty()) return {State::running, Health::degraded, std::move(reason)};
    return {State::running, Health::ok, {}};
}

}  // namespace

std::string_view to_string(State state) { return state_names.at(static_cast<std::size_t>(state)); }
std::string_view to_string(Health health) { return health_names.at(static_cast<std::size_t>(health)); }

Condition condition_of(const Facts& facts, MonotonicTime now) {
    if (!facts.power) return {State::defined, Health::unknown, "not defined yet"};
    switch (*facts.power) {
        case model::Power::running:
            if (facts.stopping) return {State::stopping, Health::unknown, "it was asked to power off"};
            return running_condition(facts, now);
        case model::Power::paused: return {State::failed, Health::unknown, "the virtual machine is paused"};
        case model::Power::off: break;
    }
    if (facts.held) return {State::stopped, Health::unknown, "stopped by a person"};
    if (facts.operating) return {State::starting, Health::unknown, "waiting for its start"};
    if (!facts.started_before) return {State::defined, Health::unknown, "not started yet"};
    return {State::failed, Health::unknown, "it has ended and will be started again"};
}

}  // namespace bulkhead::lifecycle
