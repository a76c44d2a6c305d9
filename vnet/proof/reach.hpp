// Who can send what to whom, over an Ir: all of it. Every table is an exact match or a longest prefix, so the
// frames fall into finitely many classes (atoms) that no table tells apart; one frame of each is judged by
// the interpreter, and what is so found holds for all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vnet/explain/evaluate.hpp"

namespace bulkhead::vnet::proof {

// A frame that shows something, and over which interface it comes in.
struct Witness {
    std::uint32_t ifindex = 0;
    std::vector<std::uint8_t> frame;
    std::string words() const;
};

enum class Way : std::uint8_t {
    opens,         // `from` may begin a flow to `to`
    answers,       // `from` may answer in a flow that `to` began
    housekeeping,  // DHCP, router discovery: between a tap and the router of its zone
    layer2,
};

struct Edge {
    Slot from = 0;
    Slot to = 0;
    Way way = Way::opens;
    RuleNumber rule = 0;
    // Of a flow that goes through a guard: its slot, and whether this is the half behind it.
    Slot via = 0;
    bool behind = false;
    // The last is the frame from `from` to `to`; those before make it possible.
    std::vector<Witness> witnesses;
};

struct Reach {
    std::vector<Edge> edges;
    std::uint64_t atoms = 0;  // classes of frames that were judged: the size of the case split
    // What the first check passes and the second does not: a frame that is lost, and a table that is wrong.
    std::vector<Edge> contradictions;
};

Reach reach(const Ir& ir);

}  // namespace bulkhead::vnet::proof
