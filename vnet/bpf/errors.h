// ICMP errors: they pass if they speak of a packet of a connection that is there, to the one that sent it,
// from the side that it was sent to (RFC 5927, 4.1).
#ifndef BULKHEAD_VNET_BPF_ERRORS_H
#define BULKHEAD_VNET_BPF_ERRORS_H

#include "deliver.h"
#include "judge.h"

// Who sent the packet inside and to whom: its addresses, and the ports at the start of its payload.
struct inner {
    struct switch_address from;
    struct switch_address to;
    __be16 from_port;
    __be16 to_port;
    __u8 transport;
};

// Returns where its payload starts; 0 if it is none that could have passed here.
static __always_inline __u32 read_inner_ip(struct __sk_buff* skb, const struct packet* packet,
                                           struct inner* inner) {
    const __u32 at = packet->start + sizeof(struct icmp_header);
    __u8 head[10];
    if (bpf_skb_load_bytes(skb, at, head, sizeof head) != 0) return 0;
    if (packet->ethertype == bpf_htons(ETH_P_IP)) {
        __be32 addresses_of[2];
        // Version, length, fragment offset.
        if (head[0] != 0x45 || (head[6] & 0x1f) != 0 || head[7] != 0) return 0;
        if (bpf_skb_load_bytes(skb, at + offsetof(struct iphdr, saddr), addresses_of, 8) != 0) return 0;
        map_ipv4(&inner->from, addresses_of[0]);
        map_ipv4(&inner->to, addresses_of[1]);
        inner->transport = head[9];
        return at + sizeof(struct iphdr);
    }
    if (head[0] >> 4 != 6 || head[6] == IPPROTO_ICMP) return 0;
    if (bpf_skb_load_bytes(skb, at + offsetof(struct ipv6hdr, saddr), inner, 32) != 0) return 0;
    if (is_ipv4(&inner->from) || is_ipv4(&inner->to)) return 0;
    inner->transport = head[6] == IPPROTO_ICMPV6 ? IPPROTO_ICMP : head[6];
    return at + sizeof(struct ipv6hdr);
}

static __always_inline int read_inner(struct __sk_buff* skb, const struct packet* packet,
                                      struct inner* inner) {
    struct icmp_header head;
    const int ipv6 = packet->ethertype == bpf_htons(ETH_P_IPV6);
    const __u32 at = read_inner_ip(skb, packet, inner);
    if (at == 0 || bpf_skb_load_bytes(skb, at, &head, sizeof head) != 0) return 0;
    if (inner->transport == IPPROTO_ICMP) {
        if (head.type == (ipv6 ? ICMP6_ECHO : ICMP_ECHO))
            inner->from_port = head.id;
        else if (head.type == (ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHO_REPLY))
            inner->to_port = head.id;
        else
            return 0;
        return 1;
    }
    if (inner->transport != IPPROTO_TCP && inner->transport != IPPROTO_UDP) return 0;
    inner->from_port = ((const __be16*)&head)[0];
    inner->to_port = ((const __be16*)&head)[1];
    return 1;
}

// From the side that the packet inside went to, and the connection as good as for any other frame of it.
static __always_inline int find_subject(struct __sk_buff* skb, const struct packet* packet,
                                        const struct sender* sender, struct standing* standing) {
    struct inner inner = {};
    if (!read_inner(skb, packet, &inner) || !same_address(&inner.from, &packet->to)) return 0;
    // An end speaks for itself; a router, and who is beyond it, for all of that side.
    if (sender->kind != switch_router && !same_address(&inner.to, &packet->from)) return 0;
    // As a frame of that side in the same flow.
    const int low = switch_is_low(&inner.to, inner.to_port, &inner.from, inner.from_port);
    struct switch_connection_key key = {.low = low ? inner.to : inner.from,
                                        .high = low ? inner.from : inner.to,
                                        .low_port = low ? inner.to_port : inner.from_port,
                                        .high_port = low ? inner.from_port : inner.to_port,
                                        .transport = inner.transport};
    return find_standing(skb, packet, &key, low, 0, standing);
}

VERIFIED_ONCE int pass_error(struct __sk_buff* skb, const struct packet* packet, struct sender* sender) {
    if (!packet || !sender) return TC_ACT_SHOT;
    struct standing standing = {};
    int drop = identify_ip(skb, packet, sender);
    if (drop == PASSES && !find_subject(skb, packet, sender, &standing)) drop = switch_drop_icmp_error;
    if (drop != PASSES || !standing.connection) return refuse(packet, sender->slot, 0, drop);
    return deliver(skb, packet, &standing);
}

#endif
