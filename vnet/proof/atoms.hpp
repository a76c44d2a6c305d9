// The classes into which an Ir divides frames, each by one representative.
#pragma once

#include <vector>

#include "vnet/explain/words.hpp"
#include "vnet/ir.hpp"

namespace bulkhead::vnet::proof {

// Who can be the source of a frame: an interface, and an address that the source guard takes there.
struct Origin {
    std::uint32_t ifindex = 0;
    Slot slot = 0;
    switch_address address{};
};

// Where a frame can be for: an address that somebody has, or one that stands for a prefix.
struct Destination {
    Slot slot = 0;  // 0: nobody's
    switch_address address{};
};

// What tables can tell apart about what is sent: for each transport the ports that a policy names, and one
// that none names.
struct Service {
    explain::Speech speech = explain::Speech::tcp;
    std::uint16_t port = 0;
};

std::vector<Origin> origins(const Ir& ir);
std::vector<Destination> destinations(const Ir& ir);
// An address of `prefix` that no longer prefix and nobody's address covers; false if there is none.
bool address_in(const Ir& ir, const switch_prefix& prefix, switch_address& address);
// A port that no entry of the policy names.
std::uint16_t unnamed_port(const Ir& ir);

}  // namespace bulkhead::vnet::proof
