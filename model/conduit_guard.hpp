// What the guard of one tenant's conduits is told: a process in a network namespace of its own, through which
// the flows of its conduits go, and which lets pass what each conduit's rules allow.
#pragma once

#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/address.hpp"
#include "model/modbus.hpp"
#include "model/names.hpp"

namespace bulkhead::model {

template <class Address>
struct GuardedWay {
    Address client;
    Address server;
    std::uint16_t port = 0;  // of the server
    auto operator<=>(const GuardedWay&) const = default;
};

struct GuardedConduit {
    ConduitName conduit;
    std::set<GuardedWay<Ipv4>> ways;
    std::set<GuardedWay<Ipv6>> ways6;
    ModbusGuard guard;
    bool operator==(const GuardedConduit&) const = default;
};

struct TenantGuard {
    TenantName tenant;
    PortName leg;  // its end of the pair to the switch
    Mac mac;
    std::vector<GuardedConduit> conduits;
    bool operator==(const TenantGuard&) const = default;
};

// One line of JSON, for the journal and for the guard's process.
std::string guard_text(const TenantGuard& guard);
Result<TenantGuard> parse_guard_text(std::string_view text);

}  // namespace bulkhead::model
