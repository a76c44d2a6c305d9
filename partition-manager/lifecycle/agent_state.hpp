// What a guest said of itself, after bounds: strings are short and printable, lists are short. Still only its word.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace bulkhead::lifecycle {

enum class ApplicationState { none, running, backing_off, failed };

struct ApplicationReport {
    ApplicationState state = ApplicationState::none;
    std::uint32_t restarts = 0;
    std::int32_t exit_code = 0;  // of the last run; -N: ended by signal N
    std::string error;
    std::string degraded;  // the application's own word about its work; empty: fine
};

struct Heartbeat {
    std::uint64_t uptime_ms = 0;
    std::uint32_t load_milli = 0;
    std::uint64_t memory_total_kib = 0;
    std::uint64_t memory_available_kib = 0;
    std::map<std::string, std::uint64_t> disk_used_kib;  // by volume
    ApplicationReport application;
    std::map<std::string, bool> devices;  // by name: the guest sees it
};

struct AgentHello {
    std::string version;
    std::string kernel;
    std::string boot_id;
};

struct AgentState {
    bool connected = false;           // QEMU's socket is open
    std::optional<AgentHello> hello;  // of this boot of the guest
    std::optional<Heartbeat> heartbeat;
    MonotonicTime heard;              // when the last valid frame came; meaningless without hello
    std::string configure_error;      // why the agent could not make what it was told; empty: it could
    bool configured = false;          // it answered the newest configuration
    std::string reading;              // the application's latest
    std::string last_line;
    std::map<std::string, std::uint32_t> violations;  // by system call
    std::uint64_t frames = 0;
    std::uint64_t rejected = 0;  // frames that were refused: checksum, session, schema or rate
};

}  // namespace bulkhead::lifecycle
