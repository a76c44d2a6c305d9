// What the switch does with a frame, by its data alone: the first check as a pure, total function over the
// Ir. It is written from the meaning of layout.h and not from the BPF program, so that their agreement means
// something.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "vnet/explain/memory.hpp"
#include "vnet/ir.hpp"

namespace bulkhead::vnet::explain {

// A frame as it comes in on an interface. A tag of 802.1Q stands in it as on the wire.
struct Arrival {
    std::uint32_t ifindex = 0;
    std::span<const std::uint8_t> frame;
    unsigned gso_size = 0;  // payload of each segment, if it is a super-frame; else 0
};

enum class Verdict {
    passes,    // goes to `ifindex`
    answered,  // the switch itself replies (ARP, ND)
    absorbed,  // asks for nothing and gets nothing, rightly: a probe for the sender's own address
    dropped,   // for `reason`, and is counted
};

struct Decision {
    Verdict verdict = Verdict::dropped;
    switch_drop reason = switch_drop_not_a_port;  // if dropped
    Slot from = 0;                                // 0: nobody known
    Slot to = 0;
    RuleNumber rule = 0;                // 0: none decided it
    unsigned conduit = 0;               // index of the rule's conduit
    std::uint32_t ifindex = 0;          // where it goes
    std::uint16_t vlan = 0;             // under which tag; 0: none
    MacBytes mac{};                     // to which MAC address
    bool routed = false;                // the switch was its gateway: MAC rewritten, hop taken
    std::vector<Slot> copies;           // of a multicast: who gets one
    std::optional<std::uint8_t> state;  // of its connection before it; enum switch_connection_state
    std::optional<Change> change;
    std::optional<Learned> learned;
};

// The moment, with what is left in buckets and quotas, is the memory's; an empty one holds nobody to a rate.
Decision evaluate(const Ir& ir, const Arrival& arrival, const Memory& memory);
// Leaves in the memory what the frame left there.
void remember(const Decision& decision, Memory& memory);

// A frame that passes as it leaves: addressed to who gets it, under its tag.
std::vector<std::uint8_t> as_delivered(std::span<const std::uint8_t> frame, const Decision& decision);
// Whether a connection would be left by a sweep that finds it in time: its rule holds, or another one allows
// the same.
bool is_allowed(const Ir& ir, const switch_connection_key& key, const Connection& connection);
// The connection that a frame belongs to, or that an ICMP error in it is about; nothing for what knows none.
std::optional<switch_connection_key> connection_of(std::span<const std::uint8_t> frame);

}  // namespace bulkhead::vnet::explain
