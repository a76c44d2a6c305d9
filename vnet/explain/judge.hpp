// The parts of evaluate(): who sent, who gets, and what they may. A part gives what it found, or the drop.
#pragma once

#include "vnet/explain/address.hpp"
#include "vnet/explain/evaluate.hpp"

namespace bulkhead::vnet::explain {

struct Sender {
    const switch_source* source = nullptr;  // its interface
    Slot slot = 0;                          // in the policy
    Slot way = 0;                           // whose place in `targets` it has: the router's for an outside
    std::uint16_t tenant = 0;
    std::uint16_t zone = 0;
    Slot router = 0;  // of its zone; 0: none
};

struct Receiver {
    Slot slot = 0;
    Slot way = 0;
};

// Rows of the Ir; null if there is none.
const switch_target* target_of(const Ir& ir, Slot slot);
const switch_endpoint* endpoint_of(const Ir& ir, const switch_address& address);
// Longest prefix; 0: in none.
Slot outside_of(const Ir& ir, const switch_address& address);
Slot router_of(const Ir& ir, std::uint16_t zone);
bool may_resolve(const Ir& ir, Slot from, Slot to);
const switch_rule* rule_of(const Ir& ir, RuleNumber number);
// The rule that allows a flow now; 0: none.
RuleNumber rule_for(const Ir& ir, Slot from, Slot to, std::uint8_t transport, std::uint16_t port);

// The sender by the address that the frame says it is from. An ICMP error may come over a router from anybody
// beyond it: `error`.
Parsed<Sender> sender_by_address(const Ir& ir, const Arrival& arrival, const switch_source& source,
                                 const Ethernet& ethernet, const switch_address& from, bool error = false);
Parsed<Receiver> receiver_of(const Ir& ir, const Sender& sender, const switch_address& to);

// Each fills in the decision: who, what, where to. The drop says why not.
using Refusal = std::optional<switch_drop>;
struct Scene {
    const Ir& ir;
    const Arrival& arrival;
    const switch_source& source;  // of the interface
    const Ethernet& ethernet;
    const Memory& memory;
};
Refusal judge_arp(const Scene& scene, Decision& decision);
bool is_neighbour_message(const Ip& ip);  // solicitation or advertisement
Refusal judge_neighbour(const Scene& scene, const Ip& ip, Decision& decision);
bool is_dhcp(const Ip& ip);          // either version
bool is_housekeeping(const Ip& ip);  // that, and a router's solicitation or advertisement
Refusal judge_housekeeping(const Scene& scene, const Ip& ip, Decision& decision);
bool is_layer2(std::uint16_t ethertype);
Refusal judge_layer2(const Scene& scene, Decision& decision);
bool is_error(const Ip& ip);  // ICMP about another packet
Refusal judge_flow(const Ir& ir, const Sender& sender, const Ethernet& ethernet, const Ip& ip,
                   const Memory& memory, Decision& decision);

// Where a flow's frame goes: the target is there, and the MAC address is its own or the gateway's. `leg`: of
// a guarded flow, whose frames are addressed as if they went straight; those of the guard, to itself.
Refusal deliver(const Ir& ir, const Sender& sender, const Receiver& receiver, const Ethernet& ethernet,
                std::uint8_t hops, std::uint8_t leg, Decision& decision);
// Handed over as it is to one port that the switch chose.
Refusal hand_to(const Scene& scene, Slot slot, Decision& decision);

bool is_router_local(const switch_address& address);  // fe80::1, every router's
MacBytes mac_of(const unsigned char (&bytes)[6]);

}  // namespace bulkhead::vnet::explain
