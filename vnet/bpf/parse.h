// Reads a frame strictly: what is not understood to the last header that matters is refused by its name.
#ifndef BULKHEAD_VNET_BPF_PARSE_H
#define BULKHEAD_VNET_BPF_PARSE_H

#include "packet.h"

// The longest headers that are looked at here: Ethernet, IPv6, TCP without options.
#define HEADERS (sizeof(struct ethhdr) + sizeof(struct ipv6hdr) + sizeof(struct tcphdr))
#define SHORTEST_FRAME 60  // IEEE 802.3 without the checksum: shorter frames may come padded up to it

static __always_inline int parse_tcp(const void* start, const void* end, __u32 length, __u32* header,
                                     struct packet* packet) {
    const struct tcphdr* tcp = start;
    if ((const void*)(tcp + 1) > end || length < sizeof *tcp) return switch_drop_runt;
    *header = tcp->doff * 4;
    if (*header < sizeof *tcp || *header > length) return switch_drop_malformed;
    const __u8 flags = ((const __u8*)tcp)[13];
    packet->from_port = tcp->source;
    packet->to_port = tcp->dest;
    packet->sequence = bpf_ntohl(tcp->seq);
    packet->acknowledged = bpf_ntohl(tcp->ack_seq);
    packet->flags = flags;
    packet->opens = (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    // Segments that no state of RFC 9293 sends: what is no SYN and no reset has an ACK, and there is one of
    // SYN, FIN and reset at most.
    if ((flags & (TCP_SYN | TCP_ACK | TCP_RST)) == 0) return switch_drop_tcp_state;
    const __u8 turn = flags & (TCP_SYN | TCP_FIN | TCP_RST);
    if ((turn & (turn - 1)) != 0) return switch_drop_tcp_state;
    return PASSES;
}

static __always_inline int parse_udp(const void* start, const void* end, __u32 length, int ipv6,
                                     struct packet* packet) {
    const struct udphdr* udp = start;
    if ((const void*)(udp + 1) > end || length < sizeof *udp) return switch_drop_runt;
    const __u32 said = bpf_ntohs(udp->len);
    if (said != length) return switch_drop_malformed;
    packet->from_port = udp->source;
    packet->to_port = udp->dest;
    packet->opens = 1;
    const __be16 client = ipv6 ? bpf_htons(DHCP6_CLIENT) : bpf_htons(DHCP_CLIENT);
    const __be16 server = ipv6 ? bpf_htons(DHCP6_SERVER) : bpf_htons(DHCP_SERVER);
    if (udp->source == server || udp->dest == server || udp->source == client || udp->dest == client)
        packet->kind = packet_dhcp;
    return PASSES;
}

static __always_inline int parse_icmp(const void* start, const void* end, __u32 length, int ipv6,
                                      struct packet* packet) {
    const struct icmp_header* icmp = start;
    if ((const void*)(icmp + 1) > end || length < sizeof *icmp) return switch_drop_runt;
    const __u8 type = icmp->type;
    packet->type = type;
    packet->transport = IPPROTO_ICMP;
    if (type == (ipv6 ? ICMP6_ECHO : ICMP_ECHO) && icmp->code == 0) {
        packet->from_port = icmp->id;
        packet->opens = 1;
    } else if (type == (ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHO_REPLY) && icmp->code == 0) {
        packet->to_port = icmp->id;
    } else if (ipv6 ? type >= ICMP6_UNREACHABLE && type <= ICMP6_PARAMETER
                    : type == ICMP_UNREACHABLE || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER) {
        packet->kind = packet_error;
    } else if (ipv6 && type >= ND_ROUTER_SOLICITATION && type <= ND_REDIRECT) {
        if (packet->hop_limit != ND_HOP_LIMIT) return switch_drop_hop_limit;
        if (icmp->code != 0) return switch_drop_malformed;
        if (type == ND_REDIRECT) return switch_drop_neighbour;
        packet->kind = type >= ND_SOLICITATION ? packet_neighbour : packet_router;
    } else {
        packet->kind = packet_other;
    }
    return PASSES;
}

// `length`: of the IP payload, by the header, checked against the frame.
static __always_inline int parse_transport(struct __sk_buff* skb, const void* start, const void* end,
                                           __u32 length, __u8 protocol, int ipv6, struct packet* packet) {
    const __u32 ip = ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
    __u32 header = sizeof(struct udphdr);
    int drop = PASSES;
    packet->start = sizeof(struct ethhdr) + ip;
    packet->transport = protocol;
    if (protocol == IPPROTO_TCP) {
        drop = parse_tcp(start, end, length, &header, packet);
    } else if (protocol == IPPROTO_UDP) {
        drop = parse_udp(start, end, length, ipv6, packet);
    } else if (protocol == (ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)) {
        drop = parse_icmp(start, end, length, ipv6, packet);
        if (drop == PASSES && skb->gso_size != 0) drop = switch_drop_malformed;
    } else {
        // ICMP of the other family is nobody's.
        packet->transport = ipv6 && protocol == IPPROTO_ICMP ? IPPROTO_RAW : protocol;
        packet->kind = packet_other;
    }
    packet->headers = packet->start + header;
    if (drop == PASSES && skb->gso_size != 0 && ip + header + skb->gso_size > SWITCH_MTU)
        drop = switch_drop_too_long;
    // Each message of DHCP is a datagram of its own.
    if (drop == PASSES && skb->gso_size != 0 && packet->kind == packet_dhcp) drop = switch_drop_malformed;
    return drop;
}

// Of a frame that ends before its IP packet does, or goes on after it for more than padding.
static __always_inline int lies(const struct __sk_buff* skb, __u32 packet_length) {
    const __u32 frame = sizeof(struct ethhdr) + packet_length;
    return frame > skb->len || (frame < skb->len && skb->len > SHORTEST_FRAME);
}

static __always_inline int wrong_checksum(const struct iphdr* ip) {
    const __u32* word = (const __u32*)ip;
    __u64 sum = (__u64)word[0] + word[1] + word[2] + word[3] + word[4];
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (__u16)(sum + (sum >> 16)) != 0xffff;
}

static __always_inline int parse_ipv4(struct __sk_buff* skb, const void* start, const void* end,
                                      struct packet* packet) {
    const struct iphdr* ip = start;
    if ((const void*)(ip + 1) > end) return switch_drop_runt;
    if (ip->version != 4 || ip->ihl < 5) return switch_drop_malformed;
    if (ip->ihl > 5) return switch_drop_options;
    // More fragments, or an offset; the reserved bit (RFC 791) is nobody's either.
    if (ip->frag_off & bpf_htons(0xbfff)) return switch_drop_fragment;
    const __u32 total = bpf_ntohs(ip->tot_len);
    if (total < sizeof *ip || lies(skb, total) || wrong_checksum(ip)) return switch_drop_malformed;
    map_ipv4(&packet->from, ip->saddr);
    map_ipv4(&packet->to, ip->daddr);
    packet->hop_limit = ip->ttl;
    const int drop = parse_transport(skb, ip + 1, end, total - sizeof *ip, ip->protocol, 0, packet);
    if (drop != PASSES) return drop;
    if (is_group(packet->destination_mac) &&
        !(packet->kind == packet_dhcp && is_broadcast(packet->destination_mac)))
        return switch_drop_group_destination;
    return PASSES;
}

static __always_inline int parse_ipv6(struct __sk_buff* skb, const void* start, const void* end,
                                      struct packet* packet) {
    const struct ipv6hdr* ip = start;
    if ((const void*)(ip + 1) > end) return switch_drop_runt;
    if (ip->version != 6) return switch_drop_malformed;
    const __u32 length = bpf_ntohs(ip->payload_len);
    if (lies(skb, sizeof *ip + length)) return switch_drop_malformed;
    __builtin_memcpy(&packet->from, &ip->saddr, sizeof packet->from);
    __builtin_memcpy(&packet->to, &ip->daddr, sizeof packet->to);
    // IPv4 addresses as IPv6 has them are ours to write, and never on a wire (RFC 4942, 2.2).
    if (is_ipv4(&packet->from) || is_ipv4(&packet->to)) return switch_drop_malformed;
    packet->hop_limit = ip->hop_limit;
    switch (ip->nexthdr) {
        case IPPROTO_FRAGMENT:
            return switch_drop_fragment;
        case IPPROTO_HOPOPTS:
        case IPPROTO_ROUTING:
        case IPPROTO_DSTOPTS:
        case IPPROTO_AH:
        case IPPROTO_MH:
        case 139:  // HIP
        case 140:  // Shim6
        case 253:  // experiments, RFC 4727
        case 254:
            return switch_drop_options;
        default:
            break;
    }
    const int drop = parse_transport(skb, ip + 1, end, length, ip->nexthdr, 1, packet);
    if (drop != PASSES) return drop;
    // 33:33:..., RFC 2464, 7.
    if (is_group(packet->destination_mac) &&
        !(packet->destination_mac[0] == 0x33 && packet->destination_mac[1] == 0x33 &&
          (packet->kind == packet_dhcp || packet->kind == packet_neighbour || packet->kind == packet_router)))
        return switch_drop_group_destination;
    return PASSES;
}

static __always_inline int parse(struct __sk_buff* skb, struct packet* packet) {
    if (packet->tag == TWO_TAGS) return switch_drop_vlan;
    if (skb->vlan_present) {
        packet->tag = skb->vlan_tci & 0xfff;
        if (packet->tag == 0 || skb->vlan_proto != bpf_htons(ETH_P_8021Q)) return switch_drop_vlan;
    }
    if (skb->gso_size == 0 && skb->len > SWITCH_MTU + sizeof(struct ethhdr)) return switch_drop_too_long;
    void* data = (void*)(long)skb->data;
    void* end = (void*)(long)skb->data_end;
    if (data + HEADERS > end && end - data < skb->len) {
        // The sender chooses how much of a large frame is linear; the headers must be.
        if (bpf_skb_pull_data(skb, skb->len < HEADERS ? skb->len : HEADERS) != 0) return switch_drop_runt;
        data = (void*)(long)skb->data;
        end = (void*)(long)skb->data_end;
    }
    const struct ethhdr* ethernet = data;
    if ((const void*)(ethernet + 1) > end) return switch_drop_runt;
    __builtin_memcpy(packet->source_mac, ethernet->h_source, ETH_ALEN);
    __builtin_memcpy(packet->destination_mac, ethernet->h_dest, ETH_ALEN);
    packet->ethertype = ethernet->h_proto;
    switch (ethernet->h_proto) {
        case bpf_htons(ETH_P_IP):
            return parse_ipv4(skb, data + sizeof *ethernet, end, packet);
        case bpf_htons(ETH_P_IPV6):
            return parse_ipv6(skb, data + sizeof *ethernet, end, packet);
        case bpf_htons(ETH_P_ARP):
            packet->kind = packet_arp;
            return skb->gso_size != 0 ? switch_drop_malformed : PASSES;
        case bpf_htons(ETHERTYPE_PROFINET):
        case bpf_htons(ETHERTYPE_GOOSE):
        case bpf_htons(ETHERTYPE_ETHERCAT):
            packet->kind = packet_layer2;
            return skb->gso_size != 0 ? switch_drop_malformed : PASSES;
        case bpf_htons(ETH_P_8021Q):
        case bpf_htons(ETH_P_8021AD):
            return switch_drop_vlan;
        default:
            return switch_drop_ethertype;
    }
}

#endif
