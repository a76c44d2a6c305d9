// How a packet gets from one end to another, if it can: over the switch, and on through whoever joins ports
// beyond it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "vnet/proof/reach.hpp"

namespace bulkhead::vnet::proof {

using Ports = std::map<Slot, PlacedPort>;

// Who stands at several ports: what comes to one of them may be sent on from another, and the switch can't
// know.
struct Joint {
    std::string what;
    std::set<Slot> slots;
    bool turns = false;  // sends on from the port that it came to as well: a router does
};

// Partitions in several zones, routers with the networks beyond them, machines on one cable.
std::vector<Joint> joints(const Ports& ports);

// Over the switch by `edge`, or beyond it through `joint`: the other is null.
struct Step {
    Slot from = 0;
    Slot to = 0;
    const Edge* edge = nullptr;
    const Joint* joint = nullptr;
};

// A shortest way; empty if there is none. A joint sends on what it got by opening a flow of its own: what it
// answers to who asked it is its own word. `reach` and `joints` outlive the path.
std::vector<Step> find_path(const Reach& reach, const std::vector<Joint>& joints, const std::set<Slot>& from,
                            const std::set<Slot>& to);

}  // namespace bulkhead::vnet::proof
