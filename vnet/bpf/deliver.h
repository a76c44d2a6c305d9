// A frame of a connection that stands: the way every frame goes but the first of a flow, so this is where
// cost matters. Three hash-free lookups by number, after the one of the connection.
#ifndef BULKHEAD_VNET_BPF_DELIVER_H
#define BULKHEAD_VNET_BPF_DELIVER_H

#include "connections.h"
#include "offload.h"
#include "refuse.h"

struct standing {
    struct switch_connection* connection;
    const struct switch_target* sender;
    const struct switch_target* receiver;
    const struct switch_rule* rule;
    __u64 now;
    int back;
};

// Of an end that is not the one behind its interface: networks beyond a router.
static __always_inline int changed_since(__u32 slot, __u32 way, __u32 judged) {
    if (slot == way) return 0;
    const struct switch_target* end = bpf_map_lookup_elem(&targets, &slot);
    return !end || judged < end->born;
}

// Is there a connection for this frame that needs no second thought? It does if a rule ended, a port changed,
// or the frame comes from elsewhere than the connection knows: the source guard, in its short form. `judged`:
// it just had that thought, and goes by the policy that it found, though there may be another one by now.
static __always_inline int find_standing(const struct __sk_buff* skb, const struct packet* packet,
                                         const struct switch_connection_key* key, int low, int judged,
                                         struct standing* standing) {
    struct switch_connection* connection = bpf_map_lookup_elem(&connections, key);
    if (!connection) return 0;
    const int back = connection->low_opened != low;
    const __u32 from = connection->way[back];
    const __u32 to = connection->way[!back];
    const __u64 judgement = read_judgement(connection);
    const __u32 number = judgement;
    const __u32 then = judgement >> 32;
    const struct switch_target* sender = bpf_map_lookup_elem(&targets, &from);
    const struct switch_target* receiver = bpf_map_lookup_elem(&targets, &to);
    const struct switch_rule* rule = bpf_map_lookup_elem(&rules, &number);
    if (!sender || !receiver || !rule) return 0;
    if (sender->ifindex != skb->ifindex || sender->vlan != packet->tag ||
        !same_mac(sender->mac, packet->source_mac))
        return 0;
    if (then < sender->born || then < receiver->born || then < rule->born ||
        (judged ? then : read_epoch()) >= rule->died)
        return 0;
    if (back ? changed_since(connection->to, from, then) || changed_since(connection->from, to, then)
             : changed_since(connection->from, from, then) || changed_since(connection->to, to, then))
        return 0;
    const __u64 now = bpf_ktime_get_coarse_ns();
    if (is_over(connection, key->transport, now)) return 0;
    if (packet->transport == IPPROTO_TCP && packet->opens && connection->state == switch_closed) return 0;
    standing->connection = connection;
    standing->sender = sender;
    standing->receiver = receiver;
    standing->rule = rule;
    standing->now = now;
    standing->back = back;
    return 1;
}

// Takes the frame out of a token bucket, kept as the moment at which it will be full again (GCRA, ITU-T
// I.371). 0: it has not enough.
VERIFIED_ONCE int take_tokens(__u32 index, __u32 bytes) {
    struct switch_bucket* bucket = bpf_map_lookup_elem(&buckets, &index);
    if (!bucket || bucket->rate == 0) return 1;
    const __u64 rate = bucket->rate;
    const __u64 cost = bytes * 1000000000ULL / rate;
    const __u64 depth = bucket->burst * 1000000000ULL / rate;
    const __u64 now = bpf_ktime_get_ns();
#pragma unroll
    for (int attempt = 0; attempt < 4; attempt++) {
        const __u64 before = *(volatile __u64*)&bucket->full;
        const __u64 full = (before > now ? before : now) + cost;
        if (full - now > depth) return 0;
        if (__sync_val_compare_and_swap(&bucket->full, before, full) == before) return 1;
    }
    return 0;  // so many at once that this one may as well be above the rate
}

// From zone to zone over the gateway's MAC address: what a router does to a frame, done here.
VERIFIED_ONCE int route(struct __sk_buff* skb, const struct packet* packet,
                        const struct switch_target* receiver) {
    if (!packet || !receiver) return 0;
    struct {
        __u8 destination[ETH_ALEN];
        __u8 source[ETH_ALEN];
    } macs;
    __builtin_memcpy(macs.destination, receiver->mac, ETH_ALEN);
    __builtin_memcpy(macs.source, no_mac(receiver->gateway_mac) ? packet->source_mac : receiver->gateway_mac,
                     ETH_ALEN);
    const __u8 hops = packet->hop_limit - 1;
    if (packet->ethertype == bpf_htons(ETH_P_IP)) {
        const __u32 at = sizeof(struct ethhdr) + offsetof(struct iphdr, ttl);
        const __u32 sum = sizeof(struct ethhdr) + offsetof(struct iphdr, check);
        if (bpf_l3_csum_replace(skb, sum, bpf_htons((__u16)packet->hop_limit << 8),
                                bpf_htons((__u16)hops << 8), sizeof(__u16)) != 0 ||
            bpf_skb_store_bytes(skb, at, &hops, sizeof hops, 0) != 0)
            return 0;
    } else {
        const __u32 at = sizeof(struct ethhdr) + offsetof(struct ipv6hdr, hop_limit);
        if (bpf_skb_store_bytes(skb, at, &hops, sizeof hops, BPF_F_RECOMPUTE_CSUM) != 0) return 0;
    }
    return bpf_skb_store_bytes(skb, 0, &macs, sizeof macs, 0) == 0;
}

static __always_inline void copy_to_mirror(struct __sk_buff* skb, __u32 slot) {
    if (slot == 0 || explaining) return;
    const struct switch_target* mirror = bpf_map_lookup_elem(&targets, &slot);
    // A mirror that can't be reached misses a copy; the frame itself is nobody's less for it.
    if (mirror && mirror->ifindex != 0) bpf_clone_redirect(skb, mirror->ifindex, 0);
}

// Under the tag of the wire that it goes out of; the one that it came with is gone.
static __always_inline int put_tag(struct __sk_buff* skb, __u16 came_with, __u16 goes_with) {
    if (came_with != 0 && bpf_skb_vlan_pop(skb) != 0) return 0;
    return goes_with == 0 || bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), goes_with) == 0;
}

// What a guest may not ask of the kernel. TEST_RUN does not know how a super-frame is to be cut.
static __always_inline int asks_amiss(struct __sk_buff* skb, const struct packet* packet) {
    return writes_elsewhere(skb, packet) || (!explaining && is_cut_amiss(skb, packet));
}

// A super-frame is as heavy as the segments that it will be cut into, each with its own headers.
static __always_inline __u32 weight(const struct __sk_buff* skb, const struct packet* packet) {
    const __u32 size = skb->gso_size;
    if (size == 0 || skb->len <= packet->headers) return skb->len;
    return skb->len + (skb->len - packet->headers - 1) / size * packet->headers;
}

static __always_inline int admit(struct __sk_buff* skb, const struct packet* packet,
                                 const struct standing* standing, int* routed) {
    const struct switch_target* sender = standing->sender;
    const struct switch_connection* connection = standing->connection;
    int drop = reach(packet, sender, standing->receiver, connection->leg, standing->back,
                     standing->back ? connection->from : connection->to, routed);
    if (drop == PASSES && sender->guest && asks_amiss(skb, packet)) drop = switch_drop_offload;
    if (drop == PASSES) drop = track(standing->connection, packet, standing->back);
    if (drop != PASSES) return drop;
    const __u32 bytes = weight(skb, packet);
    if (sender->limited && !take_tokens(standing->connection->way[standing->back], bytes))
        return switch_drop_rate;
    if (connection->leg != switch_from_guard && standing->rule->bucket != 0 &&
        !take_tokens(standing->rule->bucket, bytes))
        return switch_drop_rate;
    return PASSES;
}

static __always_inline int deliver(struct __sk_buff* skb, const struct packet* packet,
                                   const struct standing* standing) {
    struct switch_connection* connection = standing->connection;
    const __u32 from = connection->way[standing->back];
    const __u32 to = connection->way[!standing->back];
    const __u32 conduit = standing->rule->conduit;
    // What goes through a guard is counted, and copied, where it was said: between the ends and the guard's
    // front, not behind it once more.
    const int behind = connection->leg == switch_from_guard;
    struct switch_conduit_counters* counters = behind ? 0 : bpf_map_lookup_elem(&conduit_counters, &conduit);
    int routed = 0;
    const __u8 state = connection->state;
    const int drop = admit(skb, packet, standing, &routed);
    if (drop != PASSES) {
        if (counters) counters->dropped++;
        return refuse(packet, from, to, drop);
    }
    const __u32 frames = skb->gso_segs > 1 ? skb->gso_segs : 1;
    if (connection->seen != standing->now) connection->seen = standing->now;
    connection->packets[standing->back] += frames;
    connection->bytes[standing->back] += skb->len;
    if (counters) {
        counters->packets += frames;
        counters->bytes += skb->len;
    }
    count_received(from, PASSES);
    const struct switch_explained what = {.from = connection->from,
                                          .to = connection->to,
                                          .rule = connection->rule,
                                          .conduit = conduit,
                                          .ifindex = standing->receiver->ifindex,
                                          .state = 1 + state};
    explain(&what);
    const __u32 ifindex = standing->receiver->ifindex;
    const __u16 tag = standing->receiver->vlan;
    if (!behind) copy_to_mirror(skb, standing->rule->mirror);
    if (routed && !route(skb, packet, standing->receiver)) return TC_ACT_SHOT;
    if ((packet->tag | tag) != 0 && !put_tag(skb, packet->tag, tag)) return TC_ACT_SHOT;
    return bpf_redirect(ifindex, 0);
}

#endif
