// Frames that do not pass: counted by reason, and remembered for people.
#ifndef BULKHEAD_VNET_BPF_REFUSE_H
#define BULKHEAD_VNET_BPF_REFUSE_H

#include <linux/pkt_cls.h>

#include "maps.h"
#include "packet.h"

// What the twin says that it would do; the programs at work say nothing.
static __always_inline void explain(const struct switch_explained* what) {
    if (!explaining) return;
    const __u32 zero = 0;
    struct switch_explained* entry = bpf_map_lookup_elem(&explained, &zero);
    if (entry) *entry = *what;
}

static __always_inline void count_received(__u32 slot, int drop) {
    struct switch_port_counters* counters = bpf_map_lookup_elem(&port_counters, &slot);
    if (!counters) return;
    counters->received++;
    if (drop >= 0 && drop < switch_drop_count) counters->dropped[drop]++;
}

static __always_inline void remember(const struct packet* packet, __u32 from, __u32 to, int drop) {
    const struct switch_denial_key key = {
        .from = from, .to = to, .port = packet->to_port, .transport = packet->transport, .reason = drop};
    struct switch_denial* known = bpf_map_lookup_elem(&denials, &key);
    if (known) {
        known->count++;  // by several processors at once it may miss one: it is for people
        known->last = bpf_ktime_get_coarse_ns();
        known->to = packet->to;
        return;
    }
    const struct switch_denial first = {.count = 1, .last = bpf_ktime_get_coarse_ns(), .to = packet->to};
    bpf_map_update_elem(&denials, &key, &first, BPF_ANY);
}

// `from`: the slot that it is counted under; `to`: whom it was for, 0 if that is not known.
VERIFIED_ONCE int refuse(const struct packet* packet, __u32 from, __u32 to, int drop) {
    if (!packet) return TC_ACT_SHOT;
    count_received(from, drop);
    remember(packet, from, to, drop);
    const struct switch_explained what = {.verdict = 1 + drop, .from = from, .to = to};
    explain(&what);
    return TC_ACT_SHOT;
}

// Right, but there is nobody whom it would be news for.
static __always_inline int absorb(__u32 from) {
    count_received(from, PASSES);
    const struct switch_explained what = {.verdict = 0x100, .from = from};
    explain(&what);
    return TC_ACT_SHOT;
}

// Answered in place: back to where it came from.
static __always_inline int answer(struct __sk_buff* skb, __u32 from, __u16 tag) {
    count_received(from, PASSES);
    const struct switch_explained what = {
        .verdict = 0x100, .from = from, .to = from, .ifindex = skb->ifindex};
    explain(&what);
    if (tag != 0 && bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), tag) != 0) return TC_ACT_SHOT;
    return bpf_redirect(skb->ifindex, 0);
}

#endif
