// What the host believes of one partition's agent. Every string in it is bounded and fit for a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace bulkhead::lifecycle {

struct AgentHello {
    std::string version;
    std::string kernel;
    std::string boot_id;
    bool operator==(const AgentHello&) const = default;
};

enum class ApplicationState { none, running, backing_off, failed };

struct ApplicationReport {
    ApplicationState state = ApplicationState::none;
    std::uint32_t restarts = 0;
    std::int32_t exit_code = 0;  // of the last run; -N: ended by signal N
    std::string error;
    std::string degraded;  // in the application's words; empty: fine
    bool operator==(const ApplicationReport&) const = default;
};

struct DiskReport {
    std::string volume;
    std::uint64_t total_kib = 0;
    std::uint64_t used_kib = 0;
};

struct DeviceReport {
    std::string name;
    bool present = false;
};

struct AgentHeartbeat {
    std::chrono::milliseconds uptime{0};
    std::uint32_t load_milli = 0;
    std::uint64_t memory_total_kib = 0;
    std::uint64_t memory_available_kib = 0;
    ApplicationReport application;
    std::vector<DiskReport> disks;
    std::vector<DeviceReport> devices;
};

struct AgentCounters {
    std::uint64_t frames = 0;          // taken
    std::uint64_t bytes = 0;           // read
    std::uint64_t reads = 0;           // that brought them
    std::uint64_t refused_frames = 0;  // not a message of ours
    std::uint64_t refused_bytes = 0;   // not part of a frame
    std::uint64_t stale_frames = 0;    // of an older session
    std::uint64_t pauses = 0;          // the rate limit stopped reading
    std::uint64_t deadlines = 0;       // no valid word in time
    std::uint64_t connections = 0;
};

struct AgentState {
    bool connected = false;  // QEMU's socket is open; says nothing of the agent
    std::optional<AgentHello> hello;
    std::optional<AgentHeartbeat> heartbeat;
    std::optional<MonotonicTime> last_heard;     // last heartbeat
    std::optional<std::string> configure_error;  // answered; empty: all is set up
    std::string last_reading;
    std::string last_line;
    std::uint64_t dropped_lines = 0;
    std::map<std::string, std::uint64_t> violations;  // refused system calls by name
    AgentCounters counters;
};

}  // namespace bulkhead::lifecycle
