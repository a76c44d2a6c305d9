// What a tap and its zone's router say to each other without any rule: DHCP (RFC 2131), DHCPv6 (RFC 8415) and
// router discovery (RFC 4861). From a tap to its router only, and from the router to the one that it is for.
#ifndef BULKHEAD_VNET_BPF_DHCP_H
#define BULKHEAD_VNET_BPF_DHCP_H

#include "deliver.h"
#include "neighbours.h"

struct bootp {
    __u8 operation;
    __u8 hardware;
    __u8 hardware_length;
    __u8 hops;
    __be32 transaction;
    __be16 seconds;
    __be16 flags;
    __be32 client;
    __be32 yours;
    __be32 server;
    __be32 relay;
    __u8 mac[16];
};
#define BOOTP_REQUEST 1
#define BOOTP_REPLY 2

// Addressed to this port alone, whatever group it was for: nobody else is to hear it.
static __always_inline int hand_over(struct __sk_buff* skb, const struct packet* packet,
                                     const struct sender* sender, __u32 slot) {
    const struct switch_target* target = bpf_map_lookup_elem(&targets, &slot);
    if (!target || target->ifindex == 0) return refuse(packet, sender->slot, slot, switch_drop_peer_gone);
    __u8 mac[ETH_ALEN + 2];
    __builtin_memcpy(mac, target->mac, ETH_ALEN);
    const __u32 ifindex = target->ifindex;
    const __u32 way = sender->way;
    const struct switch_target* own = bpf_map_lookup_elem(&targets, &way);
    if (own && own->limited && !take_tokens(way, skb->len))
        return refuse(packet, sender->slot, slot, switch_drop_rate);
    if (bpf_skb_store_bytes(skb, 0, mac, ETH_ALEN, 0) != 0)
        return refuse(packet, sender->slot, slot, switch_drop_malformed);
    count_received(sender->way, PASSES);
    const struct switch_explained what = {.from = sender->slot, .to = slot, .ifindex = ifindex};
    explain(&what);
    return bpf_redirect(ifindex, 0);
}

// Of its own or of none; one that it gave itself is remembered, so that the router's answer finds it.
static __always_inline int check_client(struct __sk_buff* skb, const struct packet* packet,
                                        struct sender* sender) {
    if (sender->kind != switch_tap || !sender->dhcp || sender->router == 0) return switch_drop_dhcp;
    if (packet->ethertype == bpf_htons(ETH_P_IP)) {
        if (is_ipv4(&packet->from) && packet->from.word[3] == 0) return PASSES;
        return identify_ip(skb, packet, sender);
    }
    if (no_address(&packet->from)) return packet->kind == packet_router ? PASSES : switch_drop_source_address;
    if (!is_link_local(&packet->from)) return identify_ip(skb, packet, sender);
    const struct switch_local_key key = {.zone = sender->zone, .address = packet->from};
    struct switch_local here = {.slot = sender->slot};
    __builtin_memcpy(here.mac, packet->source_mac, ETH_ALEN);
    const struct switch_local* known = bpf_map_lookup_elem(&locals, &key);
    if (known) {
        const __u32 slot = known->slot;
        const struct switch_target* owner = bpf_map_lookup_elem(&targets, &slot);
        const int stands = owner && owner->ifindex != 0 && same_mac(owner->mac, known->mac);
        if (stands) return slot == sender->slot ? PASSES : switch_drop_source_address;
    }
    bpf_map_update_elem(&locals, &key, &here, BPF_ANY);
    return PASSES;
}

static __always_inline int is_all_routers(const struct switch_address* address, __u32 last) {
    return address->word[0] == bpf_htonl(0xff020000) && (address->word[1] | address->word[2]) == 0 &&
           address->word[3] == bpf_htonl(last);
}

static __always_inline int is_routers(const struct packet* packet, const struct sender* sender) {
    const struct switch_endpoint* endpoint = find_endpoint(&packet->to);
    return (endpoint && endpoint->slot == sender->router) || is_router_local(&packet->to);
}

static __always_inline int check_request(struct __sk_buff* skb, const struct packet* packet,
                                         const struct sender* sender) {
    const int broadcast = is_ipv4(&packet->to) && packet->to.word[3] == 0xffffffff;
    if (packet->ethertype != bpf_htons(ETH_P_IP)) {
        if (packet->from_port != bpf_htons(DHCP6_CLIENT) || packet->to_port != bpf_htons(DHCP6_SERVER))
            return switch_drop_dhcp;
        return is_all_routers(&packet->to, 0x00010002) || is_routers(packet, sender) ? PASSES
                                                                                     : switch_drop_dhcp;
    }
    struct bootp bootp;
    if (packet->from_port != bpf_htons(DHCP_CLIENT) || packet->to_port != bpf_htons(DHCP_SERVER) ||
        bpf_skb_load_bytes(skb, packet->start + sizeof(struct udphdr), &bootp, sizeof bootp) != 0 ||
        bootp.operation != BOOTP_REQUEST || bootp.hardware != ARP_ETHERNET ||
        bootp.hardware_length != ETH_ALEN || bootp.relay != 0 || !same_mac(bootp.mac, packet->source_mac))
        return switch_drop_dhcp;
    return broadcast || is_routers(packet, sender) ? PASSES : switch_drop_dhcp;
}

// The member of the zone with this MAC address, 0: none.
VERIFIED_ONCE __u32 find_member(__u32 zone, __u64 mac) {
    const struct switch_zone* members = bpf_map_lookup_elem(&zones, &zone);
    if (!members) return 0;
    for (__u32 i = 0; i < SWITCH_MEMBERS; i++) {
        if (i >= members->count) break;
        const __u32 slot = members->member[i];
        const struct switch_target* target = bpf_map_lookup_elem(&targets, &slot);
        if (target && mac_number(target->mac) == mac) return slot;
    }
    return 0;
}

static __always_inline int asks_for_dhcp(__u32 slot) {
    const struct switch_target* target = bpf_map_lookup_elem(&targets, &slot);
    const __u32 ifindex = target ? target->ifindex : 0;
    const struct switch_source* source = bpf_map_lookup_elem(&sources, &ifindex);
    return source && source->slot == slot && source->dhcp;
}

// Whom a DHCP server's answer is for: by the address that it gives and the MAC address that it names; one
// that gives none (a refusal) by the latter.
static __always_inline __u32 find_client(struct __sk_buff* skb, const struct packet* packet,
                                         const struct sender* sender) {
    if (packet->ethertype != bpf_htons(ETH_P_IP)) {
        const struct switch_local_key key = {.zone = sender->zone, .address = packet->to};
        if (packet->from_port != bpf_htons(DHCP6_SERVER) || packet->to_port != bpf_htons(DHCP6_CLIENT))
            return 0;
        const struct switch_local* local = bpf_map_lookup_elem(&locals, &key);
        return local ? local->slot : 0;
    }
    struct bootp bootp;
    if (packet->from_port != bpf_htons(DHCP_SERVER) || packet->to_port != bpf_htons(DHCP_CLIENT) ||
        bpf_skb_load_bytes(skb, packet->start + sizeof(struct udphdr), &bootp, sizeof bootp) != 0 ||
        bootp.operation != BOOTP_REPLY)
        return 0;
    const __u32 member = find_member(sender->zone, mac_number(bootp.mac));
    if (bootp.yours == 0) return member;
    struct switch_address address;
    map_ipv4(&address, bootp.yours);
    const struct switch_endpoint* endpoint = bpf_map_lookup_elem(&addresses, &address);
    return endpoint && endpoint->zone == sender->zone && same_mac(endpoint->mac, bootp.mac) ? endpoint->slot
                                                                                            : 0;
}

VERIFIED_ONCE int pass_dhcp(struct __sk_buff* skb, const struct packet* packet, struct sender* sender) {
    if (!packet || !sender) return TC_ACT_SHOT;
    if (sender->kind == switch_router) {
        int drop = is_link_local(&packet->from) ? PASSES : identify_ip(skb, packet, sender);
        const __u32 client = drop == PASSES ? find_client(skb, packet, sender) : 0;
        if (drop == PASSES && (client == 0 || !asks_for_dhcp(client))) drop = switch_drop_dhcp;
        if (drop != PASSES) return refuse(packet, sender->slot, client, drop);
        return hand_over(skb, packet, sender, client);
    }
    // Of whoever is a server here, that it is one says it all.
    int drop = check_request(skb, packet, sender);
    if (drop == PASSES) drop = check_client(skb, packet, sender);
    if (drop != PASSES) return refuse(packet, sender->slot, 0, drop);
    return hand_over(skb, packet, sender, sender->router);
}

// To every member of the zone, each a copy of its own.
VERIFIED_ONCE int advertise(struct __sk_buff* skb, const struct sender* sender) {
    if (!sender) return TC_ACT_SHOT;
    const __u32 key = sender->zone;
    count_received(sender->slot, PASSES);
    const struct switch_explained what = {.from = sender->slot};
    explain(&what);
    for (__u32 i = 0; i < SWITCH_MEMBERS && !explaining; i++) {
        const struct switch_zone* members = bpf_map_lookup_elem(&zones, &key);
        if (!members || i >= members->count) break;
        const __u32 slot = members->member[i];
        const struct switch_target* target = bpf_map_lookup_elem(&targets, &slot);
        if (!target || target->ifindex == 0) continue;
        __u8 mac[ETH_ALEN + 2];
        __builtin_memcpy(mac, target->mac, ETH_ALEN);
        const __u32 ifindex = target->ifindex;
        if (bpf_skb_store_bytes(skb, 0, mac, ETH_ALEN, 0) == 0) bpf_clone_redirect(skb, ifindex, 0);
    }
    return TC_ACT_SHOT;  // the original; its copies are on their way
}

VERIFIED_ONCE int pass_router(struct __sk_buff* skb, const struct packet* packet, struct sender* sender) {
    if (!packet || !sender) return TC_ACT_SHOT;
    if (packet->type == ND_ROUTER_SOLICITATION) {
        int drop = names_another(skb, packet, packet->start + 8) ? switch_drop_arp_sender : PASSES;
        if (drop == PASSES && !is_all_routers(&packet->to, 2) && !is_routers(packet, sender))
            drop = switch_drop_neighbour;
        if (drop == PASSES) drop = check_client(skb, packet, sender);
        if (drop != PASSES)
            return refuse(packet, sender->slot, 0, drop == switch_drop_dhcp ? switch_drop_neighbour : drop);
        return hand_over(skb, packet, sender, sender->router);
    }
    // An advertisement: of the router of a zone, and of nobody else.
    if (sender->kind != switch_router || !is_link_local(&packet->from))
        return refuse(packet, sender->slot, 0, switch_drop_neighbour);
    if (is_all_routers(&packet->to, 1)) return advertise(skb, sender);
    const struct switch_local_key key = {.zone = sender->zone, .address = packet->to};
    const struct switch_local* local = bpf_map_lookup_elem(&locals, &key);
    if (!local) return refuse(packet, sender->slot, 0, switch_drop_unknown_neighbour);
    return hand_over(skb, packet, sender, local->slot);
}

#endif
