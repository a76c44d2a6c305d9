// What passed and what was refused, as the programs counted it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "model/resources.hpp"
#include "vnet/maps.hpp"
#include "vnet/state.hpp"

namespace bulkhead::vnet {

// Frames since the port was made.
struct PortTraffic {
    std::uint64_t received = 0;                    // from the port
    std::uint64_t delivered = 0;                   // to the port
    std::map<std::string, std::uint64_t> dropped;  // by reason (README.md); only those that occurred
};

struct ConduitTraffic {
    std::uint64_t packets = 0;  // both ways; a segment of a super-frame counts as one
    std::uint64_t bytes = 0;
    std::uint64_t connections = 0;  // opened
    std::uint64_t dropped = 0;      // frames of its flows
};

// Frames of one kind that were refused. The rarest are forgotten first.
struct Denial {
    model::PortName from;
    model::PortName to;  // empty: nobody of the switch
    std::string address;
    std::uint8_t transport = 0;  // IANA protocol number
    std::uint16_t port = 0;
    std::string reason;
    std::uint64_t count = 0;
    std::uint64_t last = 0;  // nanoseconds of the kernel's clock since it started (CLOCK_MONOTONIC)
};

struct Flow {
    model::PortName from;  // who opened it
    model::PortName to;
    std::string source;  // addresses
    std::string target;
    std::uint16_t source_port = 0;
    std::uint16_t target_port = 0;
    std::uint8_t transport = 0;
    std::string state;  // opening, established, closing, closed
    std::uint32_t rule = 0;
    std::uint32_t conduit = 0;  // model::conduit_id; 0: its rule is gone
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t opened = 0;  // nanoseconds, as in Denial
};

struct Traffic {
    std::map<model::PortName, PortTraffic> ports;
    std::map<std::uint32_t, ConduitTraffic> conduits;  // by model::conduit_id
    PortTraffic strangers;                             // interfaces that carry the programs but are no port
    std::vector<Denial> denials;
};

Result<Traffic> read_traffic(const Maps& maps, const State& state);
// Connections that are open, at most `limit`.
Result<std::vector<Flow>> read_flows(const Maps& maps, const State& state, std::size_t limit);

}  // namespace bulkhead::vnet
