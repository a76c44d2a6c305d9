// What is about to leave over an interface, checked again: by other maps, and by code that shares nothing
// with the first check but the counters. It knows neither rules nor connections: only who stands where, and
// which zones may be sent what from which.
#ifndef BULKHEAD_VNET_BPF_SECOND_CHECK_H
#define BULKHEAD_VNET_BPF_SECOND_CHECK_H

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"
#include "maps.h"

struct leaving {
    __u8 head[60];  // Ethernet, IP, and the ports or the type behind it
    __u16 type;     // of Ethernet
    __u16 tag;
    __u8 protocol;  // behind IP
    __u8 icmp_type;
    __u16 from_port;
    __u16 to_port;
    struct switch_address source;
    struct switch_address destination;
};

static __always_inline int ends_in(const struct leaving* frame, const __u8* mac) {
    __u8 difference = 0;
#pragma unroll
    for (int i = 0; i < 6; i++) difference |= frame->head[i] ^ mac[i];
    return difference == 0;
}

static __always_inline int same_words(const struct switch_address* a, const struct switch_address* b) {
    return ((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]) | (a->word[2] ^ b->word[2]) |
            (a->word[3] ^ b->word[3])) == 0;
}

// A tap's own MAC and address, which most frames are for.
static __always_inline int is_for_tap(const struct leaving* frame, const struct switch_door* to) {
    const struct switch_address* at = &frame->destination;
    if (to->kind != switch_tap || frame->tag != 0 || !ends_in(frame, to->mac)) return 0;
    if ((at->word[0] | at->word[1] | at->word[2] | at->word[3]) == 0) return 0;
    return same_words(at, &to->address) || same_words(at, &to->address6);
}

static __always_inline int may_pass(__u32 from_zone, __u32 to_zone) {
    const struct switch_pair zones_of = {.from = from_zone, .to = to_zone};
    return bpf_map_lookup_elem(&passages, &zones_of) != 0;
}

static __always_inline const struct switch_arrival* who_is(__u32 ifindex,
                                                           const struct switch_address* address) {
    const struct switch_arrival_key key = {.ifindex = ifindex, .address = *address};
    return bpf_map_lookup_elem(&arrivals, &key);
}

static __always_inline void read_ipv4(const __u8* at, struct switch_address* address) {
    address->word[0] = 0;
    address->word[1] = 0;
    address->word[2] = bpf_htonl(0xffff);
    __builtin_memcpy(&address->word[3], at, 4);
}

static __always_inline void read_ports(struct leaving* frame, const __u8* at) {
    frame->icmp_type = at[0];
    frame->from_port = (__u16)at[0] << 8 | at[1];
    frame->to_port = (__u16)at[2] << 8 | at[3];
}

static __always_inline int read_leaving(struct __sk_buff* skb, struct leaving* frame) {
    if (bpf_skb_load_bytes(skb, 0, frame->head, 38) != 0) return 0;
    frame->type = (__u16)frame->head[12] << 8 | frame->head[13];
    frame->tag = skb->vlan_present ? skb->vlan_tci & 0xfff : 0;
    switch (frame->type) {
        case 0x0800:
            frame->protocol = frame->head[23];
            read_ipv4(frame->head + 26, &frame->source);
            read_ipv4(frame->head + 30, &frame->destination);
            read_ports(frame, frame->head + 34);
            return 1;
        case 0x86dd:
            if (bpf_skb_load_bytes(skb, 38, frame->head + 38, 20) != 0) return 0;
            frame->protocol = frame->head[20];
            __builtin_memcpy(&frame->source, frame->head + 22, 16);
            __builtin_memcpy(&frame->destination, frame->head + 38, 16);
            read_ports(frame, frame->head + 54);
            return 1;
        case 0x8892:
        case 0x88b8:
        case 0x88a4:
            frame->source = switch_mac_as_address(frame->head + 6);
            frame->destination =
                frame->head[0] & 1 ? switch_group_as_address(frame->tag) : switch_mac_as_address(frame->head);
            return 1;
        default:
            return 0;
    }
}

// An answer of the switch itself comes back over the interface of who asked, and to nobody else.
static __always_inline int is_answer(struct __sk_buff* skb, const struct switch_door* door) {
    __u8 head[56];
    if (skb->ingress_ifindex != skb->ifindex || bpf_skb_load_bytes(skb, 0, head, 42) != 0) return 0;
    if (door->kind != switch_wire) {
        __u8 difference = 0;
#pragma unroll
        for (int i = 0; i < 6; i++) difference |= head[i] ^ door->mac[i];
        if (difference != 0) return 0;
    }
    if (head[12] == 0x08 && head[13] == 0x06) return head[21] == 2;  // ARP reply
    if (head[12] != 0x86 || head[13] != 0xdd || head[20] != 58) return 0;
    return bpf_skb_load_bytes(skb, 54, head, 1) == 0 && head[0] == 136;  // ND advertisement
}

// What a zone and its own router say to each other without any rule: DHCP and router discovery.
static __always_inline int is_housekeeping(const struct leaving* frame, const struct switch_door* from,
                                           const struct switch_door* to) {
    if (from->zone != to->zone || frame->tag != 0 || !ends_in(frame, to->mac)) return 0;
    const int asks = from->kind == switch_tap && to->kind == switch_router;
    const int answers = from->kind == switch_router && to->kind == switch_tap;
    if (!asks && !answers) return 0;
    if (frame->type == 0x86dd && frame->protocol == 58) return frame->icmp_type == (asks ? 133 : 134);
    if (frame->protocol != 17) return 0;
    const __u16 server = frame->type == 0x0800 ? 67 : 547;
    const __u16 client = frame->type == 0x0800 ? 68 : 546;
    return asks ? frame->from_port == client && frame->to_port == server
                : frame->from_port == server && frame->to_port == client;
}

// 0: it is not for this interface. Else the slot that gets it, plus one.
static __always_inline __u32 second_look(const struct __sk_buff* skb, const struct leaving* frame,
                                         const struct switch_door* from, const struct switch_door* to) {
    __u32 from_zone = from->zone;
    if (from->kind == switch_wire || from->kind == switch_guard) {
        // A guard speaks for whoever is somewhere.
        const struct switch_arrival* said =
            who_is(from->kind == switch_guard ? 0 : skb->ingress_ifindex, &frame->source);
        if (!said) return 0;
        from_zone = said->zone;
    }
    if (is_for_tap(frame, to) && may_pass(from_zone, to->zone)) return 1 + to->slot;
    if (is_housekeeping(frame, from, to)) return 1 + to->slot;
    if (to->kind == switch_mirror) return may_pass(from_zone, to->zone) ? 1 + to->slot : 0;
    if (to->kind == switch_guard) {
        const struct switch_arrival* meant = who_is(0, &frame->destination);
        return meant && frame->protocol == 6 && frame->tag == 0 && ends_in(frame, to->mac) &&
                       may_pass(from_zone, meant->zone)
                   ? 1 + to->slot
                   : 0;
    }
    const struct switch_arrival* arrival = who_is(skb->ifindex, &frame->destination);
    if (arrival) {
        const int group = frame->head[0] & 1;
        if (arrival->vlan != frame->tag || (!group && !ends_in(frame, arrival->mac))) return 0;
        return may_pass(from_zone, arrival->zone) ? 1 + arrival->slot : 0;
    }
    if (!to->anyone || frame->tag != 0 || !ends_in(frame, to->mac) || who_is(0, &frame->destination))
        return 0;
    return may_pass(from_zone, to->zone) ? 1 + to->slot : 0;
}

static __always_inline int check_again(struct __sk_buff* skb) {
    const __u32 key = skb->ifindex;
    const __u32 came = skb->ingress_ifindex;
    const struct switch_door* to = bpf_map_lookup_elem(&doors, &key);
    const struct switch_door* from = came == 0 ? 0 : bpf_map_lookup_elem(&doors, &came);
    __u32 slot = to ? to->slot : 0;
    int drop = -1;
    if (!to) {
        drop = switch_drop_not_a_port;
    } else if (!from) {
        drop = switch_drop_from_host;
    } else if (!is_answer(skb, to)) {
        struct leaving frame = {};
        const __u32 found = read_leaving(skb, &frame) ? second_look(skb, &frame, from, to) : 0;
        if (found != 0)
            slot = found - 1;
        else
            drop = switch_drop_second_check;
    }
    struct switch_port_counters* counters = bpf_map_lookup_elem(&port_counters, &slot);
    if (!counters) return TC_ACT_SHOT;
    if (drop == -1) {
        counters->delivered++;
        return TC_ACT_OK;
    }
    counters->dropped[drop]++;
    return TC_ACT_SHOT;
}

#endif
