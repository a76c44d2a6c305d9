// The connection table: who opened what, and what may follow.
#ifndef BULKHEAD_VNET_BPF_CONNECTIONS_H
#define BULKHEAD_VNET_BPF_CONNECTIONS_H

#include "maps.h"
#include "packet.h"
#include "policy.h"

// A reset counts if it is not far behind and not further ahead than a receive window of Linux goes.
#define RESET_BEHIND (1 << 16)
#define RESET_AHEAD (1 << 23)
#define SWEEP_PERIOD 1000000000ULL  // ns
#define SWEEP_MOST 65536            // entries in one sweep for room

static __always_inline void make_key(const struct packet* packet, int low,
                                     struct switch_connection_key* key) {
    key->low = low ? packet->from : packet->to;
    key->high = low ? packet->to : packet->from;
    key->low_port = low ? packet->from_port : packet->to_port;
    key->high_port = low ? packet->to_port : packet->from_port;
    key->transport = packet->transport;
    key->zero[0] = key->zero[1] = key->zero[2] = 0;
}

static __always_inline int is_over(const struct switch_connection* connection, __u8 transport, __u64 now) {
    const __s64 idle = now - connection->seen;
    return idle > 0 && (__u64)idle >= switch_lasts(transport, connection->state);
}

static __always_inline int is_near(__u32 number, __u32 expected) {
    const __s32 ahead = number - expected;
    return ahead >= -RESET_BEHIND && ahead <= RESET_AHEAD;
}

static __always_inline int track_opening(struct switch_connection* connection, const struct packet* packet,
                                         int back) {
    const __u8 turn = packet->flags & (TCP_SYN | TCP_ACK | TCP_RST);
    if (!back) {
        if (turn == TCP_SYN) {
            connection->expected[1] = packet->sequence + 1;
            return PASSES;
        }
        if ((turn & TCP_RST) == 0 || !is_near(packet->sequence, connection->expected[1]))
            return switch_drop_tcp_state;
        connection->state = switch_closed;
        return PASSES;
    }
    if ((turn & TCP_ACK) == 0 || !is_near(packet->acknowledged, connection->expected[1]))
        return switch_drop_tcp_state;
    if (turn == (TCP_SYN | TCP_ACK)) {
        connection->expected[0] = packet->sequence + 1;
        connection->state = switch_established;
        return PASSES;
    }
    if ((turn & TCP_RST) == 0) return switch_drop_tcp_state;
    connection->state = switch_closed;
    return PASSES;
}

// `back`: from the one that was called. RFC 9293, as much of it as a switch must know.
static __always_inline int track_tcp(struct switch_connection* connection, const struct packet* packet,
                                     int back) {
    if (connection->state == switch_opening) return track_opening(connection, packet, back);
    const __u8 flags = packet->flags;
    if (flags & TCP_SYN) {
        // Repeated, or of one that forgot and is told so: by who opens a SYN, by who was called its answer.
        return ((flags & TCP_ACK) != 0) == back ? PASSES : switch_drop_tcp_state;
    }
    if (flags & TCP_RST) {
        if (!is_near(packet->sequence, connection->expected[!back])) return switch_drop_tcp_state;
        connection->state = switch_closed;
        return PASSES;
    }
    if ((__s32)(packet->acknowledged - connection->expected[back]) > 0)
        connection->expected[back] = packet->acknowledged;
    if (flags & TCP_FIN) {
        connection->finished |= 1 << back;
        if (connection->state != switch_closed)
            connection->state = connection->finished == 3 ? switch_closed : switch_closing;
    }
    return PASSES;
}

static __always_inline int track(struct switch_connection* connection, const struct packet* packet,
                                 int back) {
    if (packet->kind == packet_error) return PASSES;  // about the connection, and no part of it
    if (packet->transport == IPPROTO_TCP) return track_tcp(connection, packet, back);
    // An identifier of 0 is the same for both who ask and who answer.
    if (packet->transport == IPPROTO_ICMP && packet->opens == back) return switch_drop_direction;
    if (back && connection->state == switch_opening) connection->state = switch_established;
    return PASSES;
}

// To a guard a frame is addressed as to who is meant; from one, which asks for no neighbours, to itself.
static __always_inline int is_to_guarded(const struct packet* packet, const struct switch_target* sender,
                                         int from_guard, __u32 slot) {
    if (from_guard) return same_mac(packet->destination_mac, sender->mac);
    const struct switch_target* meant = bpf_map_lookup_elem(&targets, &slot);
    return meant && same_mac(packet->destination_mac, meant->mac);
}

// Who speaks on this leg of a flow: the guard, or an end?
static __always_inline int is_from_guard(__u8 leg, int back) {
    return leg != switch_straight && (leg == switch_from_guard) != back;
}

// Addressed to its receiver, or to the gateway, over which it is `routed`; and the receiver is there. `slot`:
// of the end that is meant, which on a guarded flow is not the receiver.
static __always_inline int reach(const struct packet* packet, const struct switch_target* sender,
                                 const struct switch_target* receiver, __u8 leg, int back, __u32 slot,
                                 int* routed) {
    if (receiver->ifindex == 0) return switch_drop_peer_gone;
    if (leg != switch_straight && is_to_guarded(packet, sender, is_from_guard(leg, back), slot)) {
        *routed = 1;
        return packet->hop_limit <= 1 ? switch_drop_hop_limit : PASSES;
    }
    if (leg == switch_straight && same_mac(packet->destination_mac, receiver->mac)) return PASSES;
    if (no_mac(sender->gateway_mac) || !same_mac(packet->destination_mac, sender->gateway_mac))
        return switch_drop_destination_mac;
    if (packet->hop_limit <= 1) return switch_drop_hop_limit;
    *routed = 1;
    return PASSES;
}

// A rule and the epoch in which it was looked up are one word: nobody sees the one without the other.
_Static_assert(offsetof(struct switch_connection, rule) % 8 == 0 &&
                   offsetof(struct switch_connection, epoch) == offsetof(struct switch_connection, rule) + 4,
               "one word");

static __always_inline void write_judgement(struct switch_connection* connection, __u32 rule, __u32 epoch) {
    *(volatile __u64*)&connection->rule = (__u64)epoch << 32 | rule;
}

static __always_inline __u64 read_judgement(const struct switch_connection* connection) {
    return *(const volatile __u64*)&connection->rule;
}

static __always_inline void forget(const struct switch_connection_key* key, __u32 tenant) {
    // Who deletes it counts it, and only one can.
    if (bpf_map_delete_elem(&connections, key) != 0) return;
    __u32* used = bpf_map_lookup_elem(&usage, &tenant);
    if (used) __sync_fetch_and_add(used, -1);
}

struct sweep {
    __u64 now;
    __u32 epoch;
    __u32 most;  // entries to look at
    __u32 seen;
};

// Still allowed? As in judge(), by what the entry knows.
static __always_inline int is_revoked(const struct switch_connection_key* key,
                                      const struct switch_connection* connection, __u32 now) {
    const __u32 number = connection->rule;
    const struct switch_rule* rule = bpf_map_lookup_elem(&rules, &number);
    if (rule && connection->epoch >= rule->born && now < rule->died) return 0;
    const struct switch_flow flow = {.from = connection->from,
                                     .to = connection->to,
                                     .port = connection->low_opened ? key->high_port : key->low_port,
                                     .transport = key->transport};
    return rule_for(&flow, &now) == 0;
}

static long sweep_one(void* map, const struct switch_connection_key* key,
                      const struct switch_connection* connection, struct sweep* sweep) {
    (void)map;
    if (is_over(connection, key->transport, sweep->now) || is_revoked(key, connection, sweep->epoch))
        forget(key, connection->tenant);
    return ++sweep->seen >= sweep->most;
}

static __always_inline __u32 read_epoch(void) {
    const __u32 zero = 0;
    const __u32* now = bpf_map_lookup_elem(&epoch, &zero);
    return now ? *(const volatile __u32*)now : 0;
}

// Takes away what is over, for somebody who has no room left; once a second at most, whoever asks.
VERIFIED_ONCE int sweep_for_room(void) {
    const __u32 zero = 0;
    __u64* last = bpf_map_lookup_elem(&swept, &zero);
    if (!last) return 0;
    const __u64 before = *last;
    struct sweep sweep = {.now = bpf_ktime_get_coarse_ns(), .epoch = read_epoch(), .most = SWEEP_MOST};
    if (sweep.now - before < SWEEP_PERIOD) return 0;
    if (__sync_val_compare_and_swap(last, before, sweep.now) != before) return 0;
    bpf_for_each_map_elem(&connections, sweep_one, &sweep, 0);
    return 1;
}

// Counts one more against the tenant's quota, if it has room.
static __always_inline int take_place(__u32 tenant) {
    const struct switch_tenant* limits = bpf_map_lookup_elem(&tenants, &tenant);
    __u32* used = bpf_map_lookup_elem(&usage, &tenant);
    if (!limits || !used) return 0;
    const __u32 quota = limits->quota != 0 ? limits->quota : SWITCH_QUOTA;
    if (__sync_fetch_and_add(used, 1) < quota) return 1;
    __sync_fetch_and_add(used, -1);
    return 0;
}

#endif
