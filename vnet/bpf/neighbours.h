// ARP (RFC 826) and neighbour discovery (RFC 4861), answered by the switch from what the policy says: a
// question never reaches another port, so nobody can answer for somebody else.
#ifndef BULKHEAD_VNET_BPF_NEIGHBOURS_H
#define BULKHEAD_VNET_BPF_NEIGHBOURS_H

#include "refuse.h"
#include "sender.h"

// The router's own, in every zone: fe80::1.
static __always_inline int is_router_local(const struct switch_address* address) {
    return address->word[0] == bpf_htonl(0xfe800000) && (address->word[1] | address->word[2]) == 0 &&
           address->word[3] == bpf_htonl(1);
}

// The MAC address that the sender may know for an address: of a peer, or of its gateway.
static __always_inline int find_neighbour(const struct sender* sender, const struct switch_address* address,
                                          __u8* mac) {
    const __u32 way = sender->way;
    const struct switch_target* own = bpf_map_lookup_elem(&targets, &way);
    if (!own) return switch_drop_unknown_neighbour;
    if (is_router_local(address) && !no_mac(own->gateway_mac)) {
        __builtin_memcpy(mac, own->gateway_mac, ETH_ALEN);
        return PASSES;
    }
    const struct switch_endpoint* peer = find_endpoint(address);
    if (!peer) return switch_drop_unknown_neighbour;
    const struct switch_pair pair = {.from = sender->slot, .to = peer->slot};
    const int gateway =
        peer->zone == sender->zone && !no_mac(peer->mac) && same_mac(peer->mac, own->gateway_mac);
    if (!gateway && !bpf_map_lookup_elem(&pairs, &pair)) return switch_drop_unknown_neighbour;
    __builtin_memcpy(mac, peer->mac, ETH_ALEN);
    return PASSES;
}

static __always_inline int check_arp(const struct arp_message* arp, const struct packet* packet) {
    if (arp->hardware != bpf_htons(ARP_ETHERNET) || arp->protocol != bpf_htons(ETH_P_IP) ||
        arp->hardware_length != ETH_ALEN || arp->protocol_length != 4)
        return switch_drop_malformed;
    if (is_group(packet->destination_mac) && !is_broadcast(packet->destination_mac))
        return switch_drop_group_destination;
    return same_mac(arp->sender_mac, packet->source_mac) ? PASSES : switch_drop_arp_sender;
}

VERIFIED_ONCE int answer_arp(struct __sk_buff* skb, struct packet* packet, struct sender* sender) {
    if (!packet || !sender) return TC_ACT_SHOT;
    struct {
        struct ethhdr ethernet;
        struct arp_message arp;
    } __attribute__((packed)) frame;
    if (bpf_skb_load_bytes(skb, 0, &frame, sizeof frame) != 0)
        return refuse(packet, sender->slot, 0, switch_drop_runt);
    map_ipv4(&packet->from, frame.arp.sender_address);
    map_ipv4(&packet->to, frame.arp.target_address);
    int drop = check_arp(&frame.arp, packet);
    // Of its own address: a probe (RFC 5227, sender 0) and an announcement are right, and nobody's business.
    const int probe = frame.arp.sender_address == 0;
    if (probe) packet->from = packet->to;
    if (drop == PASSES && identify_ip(skb, packet, sender) != PASSES) drop = switch_drop_arp_sender;
    if (drop == PASSES && sender->kind == switch_router && !sender->own_address)
        drop = switch_drop_arp_sender;
    if (drop != PASSES) return refuse(packet, sender->slot, 0, drop);
    if (same_address(&packet->from, &packet->to)) return absorb(sender->slot);
    if (frame.arp.operation != bpf_htons(ARP_REQUEST))
        return refuse(packet, sender->slot, 0, switch_drop_arp_operation);
    __builtin_memcpy(frame.arp.target_mac, packet->source_mac, ETH_ALEN);
    drop = find_neighbour(sender, &packet->to, frame.arp.sender_mac);
    if (drop != PASSES) return refuse(packet, sender->slot, 0, drop);
    __builtin_memcpy(frame.ethernet.h_dest, packet->source_mac, ETH_ALEN);
    __builtin_memcpy(frame.ethernet.h_source, frame.arp.sender_mac, ETH_ALEN);
    frame.arp.operation = bpf_htons(ARP_REPLY);
    frame.arp.target_address = frame.arp.sender_address;
    frame.arp.sender_address = packet->to.word[3];
    if (packet->tag != 0) bpf_skb_vlan_pop(skb);
    if (bpf_skb_store_bytes(skb, 0, &frame, sizeof frame, 0) != 0)
        return refuse(packet, sender->slot, 0, switch_drop_malformed);
    return answer(skb, sender->slot, packet->tag);
}

struct nd_option {
    __u8 type;  // 1: MAC address of the source, 2: of the target
    __u8 length;
    __u8 mac[ETH_ALEN];
};

struct nd_message {
    __u8 type;
    __u8 code;
    __sum16 checksum;
    __be32 flags;
    struct switch_address target;
    struct nd_option option;
};

struct nd_frame {
    struct ethhdr ethernet;
    struct ipv6hdr ip;
    struct nd_message nd;
} __attribute__((packed));

// RFC 4443, 2.3: over the pseudo header too.
static __always_inline __sum16 checksum_of(const struct switch_address* from, const struct switch_address* to,
                                           const struct nd_message* nd) {
    __u64 sum = bpf_htonl(sizeof *nd) + (__u64)bpf_htonl(IPPROTO_ICMPV6);
    const __u32* message = (const __u32*)nd;
#pragma unroll
    for (int i = 0; i < 4; i++) sum += (__u64)from->word[i] + to->word[i];
#pragma unroll
    for (unsigned i = 0; i < sizeof *nd / 4; i++) sum += message[i];
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return ~(__u16)(sum + (sum >> 16));
}

// The router's own answers say that they are a router's: who has a default route over one that does not say so
// any more drops it (RFC 4861, 7.3.3).
static __always_inline int is_gateway(const struct sender* sender, const __u8* mac) {
    const __u32 way = sender->way;
    const struct switch_target* own = bpf_map_lookup_elem(&targets, &way);
    return own && !no_mac(own->gateway_mac) && same_mac(mac, own->gateway_mac);
}

static __always_inline int make_advertisement(struct __sk_buff* skb, const struct packet* packet,
                                              const struct switch_address* target, const __u8* mac,
                                              __u32 flags) {
    struct nd_message nd = {.type = ND_ADVERTISEMENT,
                            .flags = bpf_htonl(flags),
                            .target = *target,
                            .option = {.type = 2, .length = 1}};
    struct ethhdr ethernet = {.h_proto = bpf_htons(ETH_P_IPV6)};
    struct ipv6hdr ip = {.version = 6,
                         .payload_len = bpf_htons(sizeof nd),
                         .nexthdr = IPPROTO_ICMPV6,
                         .hop_limit = ND_HOP_LIMIT};
    __builtin_memcpy(nd.option.mac, mac, ETH_ALEN);
    __builtin_memcpy(ethernet.h_dest, packet->source_mac, ETH_ALEN);
    __builtin_memcpy(ethernet.h_source, mac, ETH_ALEN);
    __builtin_memcpy(&ip.saddr, target, sizeof ip.saddr);
    __builtin_memcpy(&ip.daddr, &packet->from, sizeof ip.daddr);
    nd.checksum = checksum_of(target, &packet->from, &nd);
    return bpf_skb_change_tail(skb, sizeof(struct nd_frame), 0) == 0 &&
           bpf_skb_store_bytes(skb, 0, &ethernet, sizeof ethernet, 0) == 0 &&
           bpf_skb_store_bytes(skb, sizeof ethernet, &ip, sizeof ip, 0) == 0 &&
           bpf_skb_store_bytes(skb, sizeof ethernet + sizeof ip, &nd, sizeof nd, 0) == 0;
}

// A MAC address that the message names as its sender's must be.
static __always_inline int names_another(struct __sk_buff* skb, const struct packet* packet, __u32 at) {
    struct nd_option option;
    if (bpf_skb_load_bytes(skb, at, &option, sizeof option) != 0) return 0;  // none
    return option.type == 1 && !(option.length == 1 && same_mac(option.mac, packet->source_mac));
}

// Of a solicitation without a source: it asks whether its own address is taken (RFC 4862, 5.4).
static __always_inline int detects_duplicate(struct __sk_buff* skb, struct packet* packet,
                                             struct sender* sender, const struct switch_address* target) {
    if (is_link_local(target)) return PASSES;
    packet->from = *target;
    return identify_ip(skb, packet, sender) == PASSES ? PASSES : switch_drop_arp_sender;
}

static __always_inline int check_solicitor(struct __sk_buff* skb, const struct packet* packet,
                                           struct sender* sender) {
    if (sender->kind == switch_wire || !is_link_local(&packet->from))
        return identify_ip(skb, packet, sender) == PASSES ? PASSES : switch_drop_arp_sender;
    return PASSES;
}

VERIFIED_ONCE int answer_neighbour(struct __sk_buff* skb, struct packet* packet, struct sender* sender) {
    if (!packet || !sender) return TC_ACT_SHOT;
    struct switch_address target;
    __u8 mac[ETH_ALEN + 2] = {};
    int drop = PASSES;
    if (packet->type != ND_SOLICITATION)
        drop = switch_drop_neighbour;
    else if (bpf_skb_load_bytes(skb, packet->start + 8, &target, sizeof target) != 0)
        drop = switch_drop_runt;
    else if (is_ipv4(&target) || (target.word[0] & bpf_htonl(0xff000000)) == bpf_htonl(0xff000000))
        drop = switch_drop_malformed;
    else if (names_another(skb, packet, packet->start + 24))
        drop = switch_drop_arp_sender;
    if (drop != PASSES) return refuse(packet, sender->slot, 0, drop);
    packet->to = target;  // for people
    const int duplicate = no_address(&packet->from);
    drop = duplicate ? detects_duplicate(skb, packet, sender, &target) : check_solicitor(skb, packet, sender);
    if (drop == PASSES && sender->kind == switch_router && !duplicate && !is_link_local(&packet->from) &&
        !sender->own_address)
        drop = switch_drop_arp_sender;
    if (drop == PASSES && (duplicate || same_address(&packet->from, &target))) return absorb(sender->slot);
    if (drop == PASSES) drop = find_neighbour(sender, &target, mac);
    if (drop != PASSES) return refuse(packet, sender->slot, 0, drop);
    if (packet->tag != 0) bpf_skb_vlan_pop(skb);
    const __u32 flags = ND_SOLICITED | ND_OVERRIDE | (is_gateway(sender, mac) ? ND_ROUTER : 0);
    if (!make_advertisement(skb, packet, &target, mac, flags))
        return refuse(packet, sender->slot, 0, switch_drop_malformed);
    return answer(skb, sender->slot, packet->tag);
}

#endif
