// The first frame of a flow, and the first after a change: who is at its ends, and does the policy allow it?
#ifndef BULKHEAD_VNET_BPF_JUDGE_H
#define BULKHEAD_VNET_BPF_JUDGE_H

#include "connections.h"
#include "deliver.h"
#include "refuse.h"
#include "sender.h"

struct receiver {
    __u32 slot;  // in the policy
    __u32 way;   // slot of its interface, or of the host behind it
};

static __always_inline int find_receiver(const struct packet* packet, const struct sender* sender,
                                         struct receiver* receiver) {
    const struct switch_endpoint* endpoint = find_endpoint(&packet->to);
    if (endpoint) {
        // A router sends into the zone that it stands in, and to nobody else over our head.
        if (sender->kind == switch_router && endpoint->zone != sender->zone) return switch_drop_no_conduit;
        receiver->slot = endpoint->slot;
        receiver->way = endpoint->slot;
    } else if (sender->kind != switch_router && sender->router != 0) {
        const __u32* beyond = find_outside(&packet->to);
        receiver->slot = beyond ? *beyond : 0;
        receiver->way = sender->router;
    }
    return receiver->slot != 0 ? PASSES : switch_drop_no_conduit;
}

// With a frame of its own, for the stack: Linux 6.1 rounds each one up to 32 bytes.
static __noinline __u32 look_up(__u32 from, __u32 to, __be16 port, __u8 transport, __u32* now) {
    const struct switch_flow flow = {.from = from, .to = to, .port = port, .transport = transport};
    return rule_for(&flow, now);
}

// The guard through which a rule leads; 0: none.
static __always_inline __u32 guard_of(__u32 number) {
    const struct switch_rule* rule = bpf_map_lookup_elem(&rules, &number);
    return rule ? rule->via : 0;
}

// Where a flow under this rule goes from here, and which leg of it that is. 0: not from here. `back`: from
// who was called. A guard speaks in the flows that lead through it, and in no others.
static __always_inline int lead(const struct sender* sender, struct receiver* receiver, __u32 number,
                                int back, __u8* leg) {
    const __u32 via = guard_of(number);
    *leg = switch_straight;
    if (via == 0) return sender->kind != switch_guard;
    if (sender->kind != switch_guard) {
        receiver->way = via;
        *leg = back ? switch_from_guard : switch_to_guard;
        return 1;
    }
    *leg = back ? switch_to_guard : switch_from_guard;
    return sender->way == via;
}

// The right name for a refusal.
static __always_inline int why_not(const struct packet* packet, const struct sender* sender,
                                   const struct receiver* receiver, __u32 now) {
    // An identifier is no port that a rule could name.
    const int ports = packet->transport != IPPROTO_ICMP;
    const __u32 forth =
        look_up(sender->slot, receiver->slot, ports ? packet->to_port : 0, packet->transport, &now);
    const __u32 back =
        look_up(receiver->slot, sender->slot, ports ? packet->from_port : 0, packet->transport, &now);
    if (packet->kind == packet_flow && back != 0 && packet->opens) return switch_drop_direction;
    if (packet->kind == packet_flow && (forth != 0 || back != 0)) return switch_drop_no_connection;
    const struct switch_pair pair = {.from = sender->slot, .to = receiver->slot};
    return bpf_map_lookup_elem(&pairs, &pair) ? switch_drop_service : switch_drop_no_conduit;
}

// Of renew(), beside PASSES and the drops.
#define NOT_THERE (-2)

// A connection whose rule, or one of whose ends, is not what it was: it goes on if it would be allowed today.
// One that leads through a guard has two legs of two places each, and a straight one no guard: what comes
// from elsewhere is no frame of it, and does it no harm.
static __always_inline int renew(const struct packet* packet, const struct switch_connection_key* key,
                                 const struct sender* sender, struct receiver* receiver, int low, __u32 now) {
    struct switch_connection* connection = bpf_map_lookup_elem(&connections, key);
    if (!connection) return NOT_THERE;
    const int back = connection->low_opened != low;
    const __u32 from = back ? receiver->slot : sender->slot;
    const __u32 to = back ? sender->slot : receiver->slot;
    const int reopens =
        packet->transport == IPPROTO_TCP && packet->opens && connection->state == switch_closed;
    const __u32 number =
        look_up(from, to, back ? packet->from_port : packet->to_port, packet->transport, &now);
    if (reopens || connection->from != from || connection->to != to ||
        is_over(connection, packet->transport, bpf_ktime_get_coarse_ns()) || number == 0 ||
        (guard_of(number) != 0) != (connection->leg != switch_straight)) {
        forget(key, connection->tenant);
        return NOT_THERE;
    }
    __u8 leg = switch_straight;
    if (!lead(sender, receiver, number, back, &leg)) return switch_drop_source_address;
    if (leg != connection->leg) return switch_drop_tcp_state;
    // In this order: a frame that sees the half of it judges again.
    connection->way[back] = sender->way;
    connection->way[!back] = receiver->way;
    write_judgement(connection, number, now);
    return PASSES;
}

// A frame that could not be delivered opens nothing.
static __always_inline int can_reach(const struct packet* packet, const struct sender* sender,
                                     const struct receiver* receiver, __u8 leg) {
    const __u32 from = sender->way;
    const __u32 to = receiver->way;
    const struct switch_target* own = bpf_map_lookup_elem(&targets, &from);
    const struct switch_target* target = bpf_map_lookup_elem(&targets, &to);
    int routed = 0;
    return own && target ? reach(packet, own, target, leg, 0, receiver->slot, &routed)
                         : switch_drop_peer_gone;
}

static __always_inline int open(const struct packet* packet, const struct switch_connection_key* key,
                                const struct sender* sender, const struct receiver* receiver, int low,
                                __u32 number, __u8 leg, __u32 now) {
    const __u32 tenant = sender->tenant;
    const __u32 zero = 0;
    struct switch_connection* fresh = bpf_map_lookup_elem(&drafts, &zero);
    if (!fresh) return switch_drop_connections_full;
    if (!take_place(tenant) && !(sweep_for_room() && take_place(tenant))) return switch_drop_connections_full;
    const __u64 time = bpf_ktime_get_coarse_ns();
    __builtin_memset(fresh, 0, sizeof *fresh);
    fresh->seen = time;
    fresh->opened = time;
    fresh->from = sender->slot;
    fresh->to = receiver->slot;
    fresh->way[0] = sender->way;
    fresh->way[1] = receiver->way;
    fresh->rule = number;
    fresh->epoch = now;
    fresh->expected[1] = packet->sequence + 1;
    fresh->tenant = tenant;
    fresh->low_opened = low;
    fresh->leg = leg;
    if (bpf_map_update_elem(&connections, key, fresh, BPF_NOEXIST) != 0) {
        __u32* used = bpf_map_lookup_elem(&usage, &tenant);
        if (used) __sync_fetch_and_add(used, -1);
        // Another processor may have been faster with the same one.
        return bpf_map_lookup_elem(&connections, key) ? PASSES : switch_drop_connections_full;
    }
    const struct switch_rule* rule = bpf_map_lookup_elem(&rules, &number);
    const __u32 index = rule ? rule->conduit : 0;
    struct switch_conduit_counters* counters = bpf_map_lookup_elem(&conduit_counters, &index);
    if (counters && leg != switch_from_guard) counters->connections++;
    return PASSES;
}

// Leaves a connection that stands under the present policy, or refuses the frame and says so.
// Called from one place, so it need not be verified by itself: then the key may lie with the caller.
static __noinline int judge(struct __sk_buff* skb, const struct packet* packet,
                            const struct switch_connection_key* key) {
    struct sender sender = {};
    struct receiver receiver = {};
    int drop = identify(skb, packet, PASSES, &sender);
    if (drop == PASSES) drop = identify_ip(skb, packet, &sender);
    if (drop == PASSES) drop = find_receiver(packet, &sender, &receiver);
    if (drop != PASSES) return refuse(packet, sender.slot, receiver.slot, drop);
    __u32 now = read_epoch();
    const int low = switch_is_low(&packet->from, packet->from_port, &packet->to, packet->to_port);
    const int renewed =
        packet->kind == packet_flow ? renew(packet, key, &sender, &receiver, low, now) : NOT_THERE;
    if (renewed == PASSES) return PASSES;
    if (renewed != NOT_THERE) return refuse(packet, sender.slot, receiver.slot, renewed);
    __u32 number = 0;
    if (packet->kind == packet_flow && packet->opens)
        number = look_up(sender.slot, receiver.slot, packet->to_port, packet->transport, &now);
    if (number == 0) drop = why_not(packet, &sender, &receiver, now);
    __u8 leg = switch_straight;
    if (drop == PASSES && !lead(&sender, &receiver, number, 0, &leg)) drop = switch_drop_source_address;
    if (drop == PASSES) drop = can_reach(packet, &sender, &receiver, leg);
    if (drop == PASSES && sender.kind == switch_tap && asks_amiss(skb, packet)) drop = switch_drop_offload;
    if (drop == PASSES) drop = open(packet, key, &sender, &receiver, low, number, leg, now);
    return drop == PASSES ? PASSES : refuse(packet, sender.slot, receiver.slot, drop);
}

#endif
