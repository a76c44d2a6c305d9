// Industrial protocols that run on Ethernet itself, between declared peers only.
#ifndef BULKHEAD_VNET_BPF_LAYER2_H
#define BULKHEAD_VNET_BPF_LAYER2_H

#include "deliver.h"
#include "judge.h"

// The groups that a protocol speaks to: PROFINET's (IEC 61158-6-10), GOOSE's (IEC 61850-8-1, annex B),
// EtherCAT's, which is everyone.
static __always_inline int is_own_group(__be16 ethertype, const __u8* mac) {
    switch (ethertype) {
        case bpf_htons(ETHERTYPE_PROFINET):
            return mac[0] == 0x01 && mac[1] == 0x0e && mac[2] == 0xcf;
        case bpf_htons(ETHERTYPE_GOOSE):
            return mac[0] == 0x01 && mac[1] == 0x0c && mac[2] == 0xcd;
        default:
            return is_broadcast(mac);
    }
}

static __always_inline void count_conduit(const struct __sk_buff* skb, __u32 number, int drop) {
    const struct switch_rule* rule = bpf_map_lookup_elem(&rules, &number);
    const __u32 index = rule ? rule->conduit : 0;
    struct switch_conduit_counters* counters = bpf_map_lookup_elem(&conduit_counters, &index);
    if (!counters) return;
    if (drop != PASSES) {
        counters->dropped++;
        return;
    }
    counters->packets++;
    counters->bytes += skb->len;
}

// A copy to one peer, if its rule holds and its bucket has enough. 0: there is none.
VERIFIED_ONCE int copy_to_peer(struct __sk_buff* skb, __u32 from, __u32 slot, __u32 number) {
    const struct switch_rule* rule = bpf_map_lookup_elem(&rules, &number);
    const struct switch_target* target = bpf_map_lookup_elem(&targets, &slot);
    if (!rule || !target || target->ifindex == 0 || !is_between(rule, from, slot) ||
        !is_alive(rule, read_epoch()))
        return 0;
    const __u32 ifindex = target->ifindex;
    const __u16 tag = target->vlan;
    if (rule->bucket != 0 && !take_tokens(rule->bucket, skb->len)) {
        count_conduit(skb, number, switch_drop_rate);
        return 0;
    }
    count_conduit(skb, number, PASSES);
    const struct switch_explained what = {
        .to = slot, .rule = number, .conduit = rule->conduit, .ifindex = ifindex};
    explain(&what);
    if (explaining) return 1;
    copy_to_mirror(skb, rule->mirror);
    if (tag != 0 && bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), tag) != 0) return 0;
    bpf_clone_redirect(skb, ifindex, 0);
    if (tag != 0) bpf_skb_vlan_pop(skb);
    return 1;
}

static __always_inline int is_for(const struct packet* packet, __u32 slot) {
    const struct switch_target* target = bpf_map_lookup_elem(&targets, &slot);
    return is_group(packet->destination_mac) || (target && same_mac(target->mac, packet->destination_mac));
}

VERIFIED_ONCE int pass_layer2(struct __sk_buff* skb, const struct packet* packet, struct sender* sender) {
    if (!packet || !sender) return TC_ACT_SHOT;
    struct switch_layer2_key key = {
        .ifindex = skb->ifindex, .ethertype = packet->ethertype, .vlan = packet->tag};
    __builtin_memcpy(key.mac, packet->source_mac, ETH_ALEN);
    const struct switch_layer2* peers = bpf_map_lookup_elem(&layer2, &key);
    if (!peers) return refuse(packet, sender->slot, 0, switch_drop_ethertype);
    if (is_group(packet->destination_mac) && !is_own_group(packet->ethertype, packet->destination_mac))
        return refuse(packet, sender->slot, 0, switch_drop_group_destination);
    const __u32 from = peers->from;
    const struct switch_target* own = bpf_map_lookup_elem(&targets, &from);
    if (own && own->limited && !take_tokens(from, skb->len)) return refuse(packet, from, 0, switch_drop_rate);
    if (packet->tag != 0 && bpf_skb_vlan_pop(skb) != 0) return refuse(packet, from, 0, switch_drop_vlan);
    int copies = 0;
    for (__u32 i = 0; i < SWITCH_PEERS; i++) {
        if (i >= peers->count) break;
        if (is_for(packet, peers->to[i])) copies += copy_to_peer(skb, from, peers->to[i], peers->rule[i]);
    }
    if (copies == 0) return refuse(packet, from, 0, switch_drop_destination_mac);
    count_received(from, PASSES);
    return TC_ACT_SHOT;  // the original; its copies are on their way
}

#endif
