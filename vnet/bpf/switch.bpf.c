// The data path. One program on what a partition sends (clsact ingress of its tap) decides and redirects;
// one, written apart, on what a partition is about to get (clsact egress of its tap) checks again. Whatever
// is not decided here is dropped: no frame ever reaches the host's own network stack.
//
// Kept plain for Linux 6.1: no kfuncs, no loops, no global variables, uapi headers only.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"

#define MAP(name, kind, keys, values, entries, flags) \
    struct {                                          \
        __uint(type, kind);                           \
        __type(key, keys);                            \
        __type(value, values);                        \
        __uint(max_entries, entries);                 \
        __uint(map_flags, flags);                     \
    } name SEC(".maps")

MAP(sources, BPF_MAP_TYPE_HASH, __u32, struct switch_port, SWITCH_PORTS, BPF_F_NO_PREALLOC);
MAP(guests, BPF_MAP_TYPE_HASH, __u32, struct switch_port, SWITCH_PORTS, BPF_F_NO_PREALLOC);
MAP(targets, BPF_MAP_TYPE_ARRAY, __u32, struct switch_target, SWITCH_PORTS, 0);
// Up to four flows per rule: the request, the reply, and ARP between the two, each way.
MAP(policy, BPF_MAP_TYPE_HASH, struct switch_flow, struct switch_verdict, 4 * SWITCH_RULES,
    BPF_F_NO_PREALLOC);
MAP(port_counters, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct switch_port_counters, SWITCH_PORTS, 0);
MAP(conduit_counters, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct switch_conduit_counters, SWITCH_CONDUITS, 0);
MAP(port_records, BPF_MAP_TYPE_ARRAY, __u32, struct switch_port_record, SWITCH_PORTS, 0);
MAP(rule_records, BPF_MAP_TYPE_HASH, struct switch_rule_record, __u32, SWITCH_RULES, BPF_F_NO_PREALLOC);
MAP(conduit_records, BPF_MAP_TYPE_HASH, __u32, __u32, SWITCH_CONDUITS, BPF_F_NO_PREALLOC);

// The longest headers that are looked at: Ethernet, IPv4 without options, TCP without options.
#define HEADERS (sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct tcphdr))
#define SHORTEST_FRAME 60  // IEEE 802.3 without the checksum: shorter frames may come padded up to it

// RFC 826 for Ethernet and IPv4. (linux/if_arp.h and linux/icmp.h lean on the C library's headers.)
#define ARP_ETHERNET 1
#define ARP_REQUEST 1
#define ARP_REPLY 2
struct arp_message {
    __be16 hardware;
    __be16 protocol;
    __u8 hardware_length;
    __u8 protocol_length;
    __be16 operation;
    __u8 sender_mac[ETH_ALEN];
    __be32 sender_address;
    __u8 target_mac[ETH_ALEN];
    __be32 target_address;
} __attribute__((packed));

// RFC 792, the echo messages.
#define ICMP_ECHO 8
#define ICMP_ECHO_REPLY 0
struct icmp_echo {
    __u8 type;
    __u8 code;
    __sum16 checksum;
    __be16 id;
    __be16 sequence;
};

// What the frame asks for, filled while it is parsed.
struct question {
    struct switch_flow request;
    struct switch_flow reply;
    __u8 opens;      // a TCP segment that opens a connection: never an answer
    __u8 broadcast;  // an ARP request to everyone
};

#define ALLOWED (-1)

static __always_inline int same_mac(const __u8* a, const __u8* b) {
    const __u16* x = (const __u16*)a;
    const __u16* y = (const __u16*)b;
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2])) == 0;
}

static __always_inline int is_group(const __u8* mac) {
    return mac[0] & 1;
}

static __always_inline int parse_arp(const void* start, const void* end, const struct ethhdr* ethernet,
                                     const struct switch_port* source, struct question* question) {
    const struct arp_message* arp = start;
    if ((const void*)(arp + 1) > end) return switch_drop_runt;
    if (arp->hardware != bpf_htons(ARP_ETHERNET) || arp->protocol != bpf_htons(ETH_P_IP) ||
        arp->hardware_length != ETH_ALEN || arp->protocol_length != 4)
        return switch_drop_malformed;
    const int request = arp->operation == bpf_htons(ARP_REQUEST);
    if (!request && arp->operation != bpf_htons(ARP_REPLY)) return switch_drop_arp_operation;
    if (!same_mac(arp->sender_mac, source->mac) || arp->sender_address != source->address)
        return switch_drop_arp_sender;
    if (is_group(ethernet->h_dest)) {
        const __u16* group = (const __u16*)ethernet->h_dest;
        if (!request || (group[0] & group[1] & group[2]) != 0xffff) return switch_drop_group_destination;
        question->broadcast = 1;
    }
    question->request.to = arp->target_address;
    question->request.kind = switch_arp;
    return ALLOWED;
}

// `length`: of the IPv4 payload, by the header, checked against the frame. Sets what the flow is known by.
static __always_inline int parse_transport(struct __sk_buff* skb, const void* start, const void* end,
                                           __u32 length, struct question* question) {
    struct switch_flow* request = &question->request;
    struct switch_flow* reply = &question->reply;
    __u32 header = 0;
    request->kind = switch_request;
    reply->kind = switch_reply;
    if (request->transport == IPPROTO_TCP) {
        const struct tcphdr* tcp = start;
        if ((const void*)(tcp + 1) > end) return switch_drop_runt;
        header = tcp->doff * 4;
        if (header < sizeof *tcp || header > length) return switch_drop_malformed;
        request->port = tcp->dest;
        reply->port = tcp->source;
        question->opens = tcp->syn && !tcp->ack;
    } else if (request->transport == IPPROTO_UDP) {
        const struct udphdr* udp = start;
        if ((const void*)(udp + 1) > end) return switch_drop_runt;
        header = sizeof *udp;
        if (bpf_ntohs(udp->len) < header || bpf_ntohs(udp->len) > length) return switch_drop_malformed;
        request->port = udp->dest;
        reply->port = udp->source;
    } else if (request->transport == IPPROTO_ICMP) {
        const struct icmp_echo* icmp = start;
        if ((const void*)(icmp + 1) > end) return switch_drop_runt;
        header = sizeof *icmp;
        // Each is one of the two only; kind 255 is in no policy.
        if (icmp->type != ICMP_ECHO || icmp->code != 0) request->kind = 255;
        if (icmp->type != ICMP_ECHO_REPLY || icmp->code != 0) reply->kind = 255;
    } else {
        request->kind = 255;
        reply->kind = 255;
    }
    const __u32 segment = skb->gso_size;
    if (segment != 0 && sizeof(struct iphdr) + header + segment > SWITCH_MTU) return switch_drop_too_long;
    return ALLOWED;
}

static __always_inline int parse_ipv4(struct __sk_buff* skb, const void* start, const void* end,
                                      const struct ethhdr* ethernet, const struct switch_port* source,
                                      struct question* question) {
    const struct iphdr* ip = start;
    if ((const void*)(ip + 1) > end) return switch_drop_runt;
    if (is_group(ethernet->h_dest)) return switch_drop_group_destination;
    if (ip->version != 4 || ip->ihl < 5) return switch_drop_malformed;
    if (ip->ihl > 5) return switch_drop_options;
    if (ip->saddr != source->address) return switch_drop_source_address;
    // More fragments, or an offset; the reserved bit (RFC 791) is nobody's either.
    if (ip->frag_off & bpf_htons(0xbfff)) return switch_drop_fragment;
    const __u32 total = bpf_ntohs(ip->tot_len);
    const __u32 frame = sizeof *ethernet + total;
    if (total < sizeof *ip || frame > skb->len) return switch_drop_malformed;
    if (frame < skb->len && skb->len > SHORTEST_FRAME) return switch_drop_malformed;
    question->request.to = ip->daddr;
    question->request.transport = ip->protocol;
    question->reply.to = ip->daddr;
    question->reply.transport = ip->protocol;
    return parse_transport(skb, ip + 1, end, total - sizeof *ip, question);
}

// Checks the frame by itself and against the port that sent it. Fills `question`.
static __always_inline int parse(struct __sk_buff* skb, const struct switch_port* source,
                                 struct question* question) {
    if (skb->vlan_present) return switch_drop_vlan;
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
    if (!same_mac(ethernet->h_source, source->mac)) return switch_drop_source_mac;
    switch (ethernet->h_proto) {
        case bpf_htons(ETH_P_IP):
            return parse_ipv4(skb, data + sizeof *ethernet, end, ethernet, source, question);
        case bpf_htons(ETH_P_ARP):
            return parse_arp(data + sizeof *ethernet, end, ethernet, source, question);
        case bpf_htons(ETH_P_8021Q):
        case bpf_htons(ETH_P_8021AD):
            return switch_drop_vlan;
        default:
            return switch_drop_ethertype;
    }
}

// Looks the flow up: as a request, then as a reply. The slow path only finds the right name for the refusal.
static __always_inline int decide(const struct question* question, const struct switch_verdict** verdict) {
    *verdict = bpf_map_lookup_elem(&policy, &question->request);
    if (*verdict) return ALLOWED;
    if (question->request.kind == switch_arp) return switch_drop_no_conduit;
    *verdict = bpf_map_lookup_elem(&policy, &question->reply);
    if (*verdict) return question->opens ? switch_drop_direction : ALLOWED;
    const struct switch_flow pair = {
        .from = question->request.from, .to = question->request.to, .kind = switch_arp};
    return bpf_map_lookup_elem(&policy, &pair) ? switch_drop_service : switch_drop_no_conduit;
}

static __always_inline int forward(struct __sk_buff* skb, const struct question* question,
                                   const struct switch_verdict* verdict, __u32* ifindex) {
    const __u32 slot = verdict->to;
    const struct switch_target* target = bpf_map_lookup_elem(&targets, &slot);
    if (!target || target->ifindex == 0) return switch_drop_peer_gone;
    if (question->broadcast) {
        // The one that is asked gets the question addressed to it; nobody else hears of it.
        if (bpf_skb_store_bytes(skb, 0, target->mac, ETH_ALEN, 0) != 0) return switch_drop_malformed;
    } else {
        void* data = (void*)(long)skb->data;
        void* end = (void*)(long)skb->data_end;
        const struct ethhdr* ethernet = data;
        if ((const void*)(ethernet + 1) > end) return switch_drop_runt;
        if (!same_mac(ethernet->h_dest, target->mac)) return switch_drop_destination_mac;
    }
    *ifindex = target->ifindex;
    const __u32 index = verdict->counter;
    struct switch_conduit_counters* counters = bpf_map_lookup_elem(&conduit_counters, &index);
    if (counters) {
        counters->packets += skb->gso_segs > 1 ? skb->gso_segs : 1;
        counters->bytes += skb->len;
    }
    return ALLOWED;
}

SEC("tc")
int switch_ingress(struct __sk_buff* skb) {
    const __u32 key = skb->ifindex;
    const struct switch_port* source = bpf_map_lookup_elem(&sources, &key);
    const __u32 slot = source ? source->slot : 0;
    struct switch_port_counters* counters = bpf_map_lookup_elem(&port_counters, &slot);
    if (!counters) return TC_ACT_SHOT;
    counters->received++;
    int drop = switch_drop_not_a_port;
    if (source) {
        struct question question = {};
        question.request.from = slot;
        question.reply.from = slot;
        const struct switch_verdict* verdict = 0;
        __u32 ifindex = 0;
        drop = parse(skb, source, &question);
        if (drop == ALLOWED) drop = decide(&question, &verdict);
        if (drop == ALLOWED && verdict) drop = forward(skb, &question, verdict, &ifindex);
        if (drop == ALLOWED) return bpf_redirect(ifindex, 0);
    }
    if (drop >= 0 && drop < switch_drop_count) counters->dropped[drop]++;
    return TC_ACT_SHOT;
}

// The second check shares no code, and no map but the counters, with the first.
SEC("tc")
int switch_egress(struct __sk_buff* skb) {
    const __u32 key = skb->ifindex;
    const struct switch_port* guest = bpf_map_lookup_elem(&guests, &key);
    const __u32 slot = guest ? guest->slot : 0;
    struct switch_port_counters* counters = bpf_map_lookup_elem(&port_counters, &slot);
    if (!counters) return TC_ACT_SHOT;
    if (!guest) {
        counters->dropped[switch_drop_not_a_port]++;
        return TC_ACT_SHOT;
    }
    if (skb->ingress_ifindex == 0) {
        counters->dropped[switch_drop_from_host]++;
        return TC_ACT_SHOT;
    }
    __u8 head[34];  // Ethernet and IPv4, or most of an ARP message
    if (bpf_skb_load_bytes(skb, 0, head, sizeof head) != 0 || skb->vlan_present) goto refused;
#pragma unroll
    for (int i = 0; i < ETH_ALEN; i++)
        if (head[i] != guest->mac[i]) goto refused;
    __be32 to = 0;
    if (head[12] == 0x08 && head[13] == 0x00) {
        __builtin_memcpy(&to, head + 30, sizeof to);
    } else if (head[12] == 0x08 && head[13] == 0x06) {
        if (bpf_skb_load_bytes(skb, 38, &to, sizeof to) != 0) goto refused;
    } else {
        goto refused;
    }
    if (to != guest->address) goto refused;
    counters->delivered++;
    return TC_ACT_OK;
refused:
    counters->dropped[switch_drop_second_check]++;
    return TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "Apache-2.0";
