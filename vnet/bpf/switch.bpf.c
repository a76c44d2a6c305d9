// The data path. One program on what a port sends (ingress of its interface) decides and redirects; one,
// written apart, on what a port is about to get (egress of its interface) checks again. Whatever is not
// decided here is dropped: no frame ever reaches the host's own network stack.
//
// Kept plain for Linux 6.1: no kfuncs, uapi headers only, and no helper that wants a GPL-compatible licence.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <stddef.h>

#include "layout.h"

#include "connections.h"
#include "deliver.h"
#include "dhcp.h"
#include "errors.h"
#include "judge.h"
#include "layer2.h"
#include "maps.h"
#include "neighbours.h"
#include "parse.h"
#include "refuse.h"
#include "second_check.h"
#include "sender.h"

// TEST_RUN leaves a tag in the frame; on an interface the kernel has taken the outermost off by now.
static __always_inline void take_tag_off(struct __sk_buff* skb, struct packet* packet) {
    __be16 tag[2];
    if (!explaining || skb->vlan_present || bpf_skb_load_bytes(skb, 12, tag, sizeof tag) != 0) return;
    if (tag[0] != bpf_htons(ETH_P_8021Q) || (tag[1] & bpf_htons(0xfff)) == 0) return;
    if (bpf_skb_vlan_pop(skb) != 0) return;
    // Popping the outer of two brings the inner one out; on an interface it would stay in the frame.
    packet->tag = skb->vlan_present ? TWO_TAGS : bpf_ntohs(tag[1]) & 0xfff;
}

// On its way out a frame has its tag beside it, too.
static __always_inline void put_tag_beside(struct __sk_buff* skb) {
    __be16 tag[2];
    if (skb->vlan_present || bpf_skb_load_bytes(skb, 12, tag, sizeof tag) != 0) return;
    if (tag[0] != bpf_htons(ETH_P_8021Q) || bpf_skb_vlan_pop(skb) != 0) return;
    bpf_skb_vlan_push(skb, tag[0], bpf_ntohs(tag[1]));
}

// All that is not a frame of a connection that stands or could.
VERIFIED_ONCE int look_closer(struct __sk_buff* skb, struct packet* packet, int parsed) {
    if (!packet) return TC_ACT_SHOT;
    struct sender sender = {};
    int drop = identify(skb, packet, parsed, &sender);
    if (drop == PASSES && sender.kind == switch_tap && asks_amiss(skb, packet)) drop = switch_drop_offload;
    // A guard asks for no addresses and no neighbours, and says nothing below IP.
    if (drop == PASSES && sender.kind == switch_guard && packet->kind != packet_error)
        drop = switch_drop_no_conduit;
    if (drop != PASSES) return refuse(packet, sender.slot, 0, drop);
    switch (packet->kind) {
        case packet_arp:
            return answer_arp(skb, packet, &sender);
        case packet_neighbour:
            return answer_neighbour(skb, packet, &sender);
        case packet_router:
            return pass_router(skb, packet, &sender);
        case packet_dhcp:
            return pass_dhcp(skb, packet, &sender);
        case packet_error:
            return pass_error(skb, packet, &sender);
        default:
            return pass_layer2(skb, packet, &sender);
    }
}

VERIFIED_ONCE int pass_flow(struct __sk_buff* skb, const struct packet* packet) {
    if (!packet) return TC_ACT_SHOT;
    struct switch_connection_key key;
    struct standing standing = {};
    const int low = switch_is_low(&packet->from, packet->from_port, &packet->to, packet->to_port);
    make_key(packet, low, &key);
    // What no rule can speak of is in no connection either, though its ports and an echo's may both be 0.
    if (packet->kind == packet_other || !find_standing(skb, packet, &key, low, 0, &standing)) {
        const int judged = judge(skb, packet, &key);
        if (judged != PASSES) return judged;
        // A port changed, or the connection was taken away: the next try of the sender will see it settled.
        if (!find_standing(skb, packet, &key, low, 1, &standing))
            return refuse(packet, 0, 0, switch_drop_no_connection);
    }
    return deliver(skb, packet, &standing);
}

SEC("tc")
int switch_ingress(struct __sk_buff* skb) {
    struct packet packet = {};
    take_tag_off(skb, &packet);
    const int parsed = parse(skb, &packet);
    if (parsed == PASSES && packet.kind <= packet_other) return pass_flow(skb, &packet);
    return look_closer(skb, &packet, parsed);
}

SEC("tc")
int switch_egress(struct __sk_buff* skb) {
    if (explaining) put_tag_beside(skb);
    return check_again(skb);
}

// Run by the daemon, by hand: takes away all connections that are over or revoked.
SEC("tc")
int switch_sweep(struct __sk_buff* skb) {
    (void)skb;
    struct sweep sweep = {.now = bpf_ktime_get_coarse_ns(), .epoch = read_epoch(), .most = 0xffffffff};
    bpf_for_each_map_elem(&connections, sweep_one, &sweep, 0);
    return 0;
}

char LICENSE[] SEC("license") = "Apache-2.0";
