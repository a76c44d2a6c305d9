// May this flow be? The entry of `policy` points to a rule, and the rule says what it allows, and when.
#ifndef BULKHEAD_VNET_BPF_POLICY_H
#define BULKHEAD_VNET_BPF_POLICY_H

#include "maps.h"

#define LOOKS 3  // at an entry that changes while it is read

static __always_inline int is_alive(const struct switch_rule* rule, __u32 now) {
    return now >= rule->born && now < rule->died;
}

static __always_inline int is_between(const struct switch_rule* rule, __u32 from, __u32 to) {
    return rule->flow.from == from && rule->flow.to == to;
}

static __always_inline int is_of(const struct switch_rule* rule, const struct switch_flow* flow) {
    return is_between(rule, flow->from, flow->to) && rule->flow.port == flow->port &&
           rule->flow.transport == flow->transport;
}

// The number of the rule that allows it in the epoch `now`; 0: none does. Whoever reads an entry may be held
// up for as long as two changes take, and the kernel gives the memory of an entry that went to the next one
// at once: then the entry is newer than `now`, half written, or another flow's. So `now` moves on to what the
// entry is of, no number is taken at its word, and one that leads to nothing is looked up again.
static __always_inline __u32 rule_for(const struct switch_flow* flow, __u32* now) {
    for (int look = 0; look < LOOKS; look++) {
        const volatile struct switch_choice* choice = bpf_map_lookup_elem(&policy, flow);
        if (!choice) return 0;
        const __u32 since = choice->since;
        // Written in the epoch before it, which therefore has come, and knows the rules that this names.
        if (since > *now + 1) *now = since - 1;
        const __u32 number = *now >= since ? choice->after : choice->before;
        const struct switch_rule* rule = bpf_map_lookup_elem(&rules, &number);
        if (number != 0 && rule && is_of(rule, flow) && is_alive(rule, *now)) return number;
    }
    return 0;
}

#endif
