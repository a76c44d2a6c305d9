// Who sent a frame: the source guard. Nothing is believed that the frame says of itself.
#ifndef BULKHEAD_VNET_BPF_SENDER_H
#define BULKHEAD_VNET_BPF_SENDER_H

#include "maps.h"
#include "packet.h"

struct sender {
    __u32 slot;    // in the policy; as far as it is known, also when the frame is refused
    __u32 way;     // slot of its interface, or of the host behind it
    __u32 router;  // slot of the router of its zone; 0: none
    __u16 tenant;
    __u16 zone;
    __u8 kind;  // of the interface
    __u8 dhcp;
    __u8 own_address;  // of a router: it speaks for itself and not for the outside
};

// Linux 6.1 takes no key that lies in memory which a function verified once was given, hence the copy.
static __always_inline const struct switch_endpoint* find_endpoint(const struct switch_address* address) {
    const struct switch_address key = *address;
    return bpf_map_lookup_elem(&addresses, &key);
}

// The one that has an address outside of all zones. 0: it is meant to be nobody's; null: nobody speaks of it.
static __always_inline const __u32* find_outside(const struct switch_address* address) {
    const struct switch_prefix key = {.length = 128, .address = *address};
    return bpf_map_lookup_elem(&outside, &key);
}

static __always_inline __u32 router_of(__u16 zone) {
    const __u32 key = zone;
    const struct switch_zone* entry = bpf_map_lookup_elem(&zones, &key);
    return entry ? entry->router : 0;
}

// A host behind a wire is known by its address, and must be on this wire, under this tag, with this MAC.
static __always_inline int find_host(const struct __sk_buff* skb, const struct packet* packet,
                                     struct sender* sender) {
    const struct switch_endpoint* host = find_endpoint(&packet->from);
    if (!host) return switch_drop_source_address;
    const __u32 slot = host->slot;
    const struct switch_target* place = bpf_map_lookup_elem(&targets, &slot);
    if (!place || place->ifindex != skb->ifindex) return switch_drop_source_address;
    if (host->vlan != packet->tag) return switch_drop_vlan;
    if (!same_mac(host->mac, packet->source_mac)) return switch_drop_source_mac;
    sender->slot = slot;
    sender->way = slot;
    sender->tenant = host->tenant;
    sender->zone = host->zone;
    sender->router = router_of(host->zone);
    return PASSES;
}

// A guard speaks in the name of the ends of guarded flows; which those are is the rules' business (lead()).
static __always_inline int speaks_for(const struct packet* packet, struct sender* sender) {
    const struct switch_endpoint* end = find_endpoint(&packet->from);
    if (!end) return switch_drop_source_address;
    sender->slot = end->slot;
    sender->tenant = end->tenant;
    sender->zone = end->zone;
    return PASSES;
}

static __always_inline int check_address(const struct packet* packet, const struct switch_source* source,
                                         struct sender* sender) {
    if (no_address(&packet->from)) return switch_drop_source_address;
    if (source->kind == switch_guard) return speaks_for(packet, sender);
    if (same_address(&packet->from, &source->address) || same_address(&packet->from, &source->address6)) {
        sender->own_address = 1;
        return PASSES;
    }
    if (source->kind != switch_router) return switch_drop_source_address;
    // Whoever stands in a zone is not beyond a router, whatever prefixes say.
    if (find_endpoint(&packet->from)) return switch_drop_source_address;
    const __u32* beyond = find_outside(&packet->from);
    // On the way through the outside a packet may be refused by anyone; what it is about decides.
    if (!beyond) return packet->kind == packet_error ? PASSES : switch_drop_source_address;
    if (*beyond == 0) return switch_drop_source_address;
    sender->slot = *beyond;
    return PASSES;
}

// The interface and the MAC address, which every frame has.
static __always_inline int find_interface(const struct __sk_buff* skb, const struct packet* packet,
                                          const struct switch_source** source, struct sender* sender) {
    const __u32 key = skb->ifindex;
    *source = bpf_map_lookup_elem(&sources, &key);
    if (!*source) return switch_drop_not_a_port;
    sender->slot = (*source)->slot;
    sender->way = (*source)->slot;
    sender->router = (*source)->router;
    sender->tenant = (*source)->tenant;
    sender->zone = (*source)->zone;
    sender->kind = (*source)->kind;
    sender->dhcp = (*source)->dhcp;
    if (sender->kind == switch_mirror) return switch_drop_mirror;
    if (sender->kind == switch_wire) return PASSES;
    if (packet->tag != 0) return switch_drop_vlan;
    return PASSES;
}

// `parsed`: what parse() said of the frame; it comes after what the interface says, so that a frame on a
// mirror or on nobody's interface is called that.
VERIFIED_ONCE int identify(struct __sk_buff* skb, const struct packet* packet, int parsed,
                           struct sender* sender) {
    if (!packet || !sender) return switch_drop_malformed;
    const struct switch_source* source = 0;
    const int drop = find_interface(skb, packet, &source, sender);
    if (drop != PASSES) return drop;
    if (!source) return switch_drop_not_a_port;  // for the verifier
    if (parsed != PASSES) return parsed;
    if (is_group(packet->source_mac)) return switch_drop_source_mac;
    if (sender->kind == switch_wire) return PASSES;  // by what the frame is
    return same_mac(packet->source_mac, source->mac) ? PASSES : switch_drop_source_mac;
}

// The source address of an IP packet too.
VERIFIED_ONCE int identify_ip(struct __sk_buff* skb, const struct packet* packet, struct sender* sender) {
    if (!packet || !sender) return switch_drop_malformed;
    if (sender->kind == switch_wire) return find_host(skb, packet, sender);
    const __u32 key = skb->ifindex;
    const struct switch_source* source = bpf_map_lookup_elem(&sources, &key);
    return source ? check_address(packet, source, sender) : switch_drop_not_a_port;
}

#endif
