// The maps of the switch. All but those that are marked as the programs' own hold what the C++ side decided.
#ifndef BULKHEAD_VNET_BPF_MAPS_H
#define BULKHEAD_VNET_BPF_MAPS_H

#include <linux/bpf.h>

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
#define HASH(name, keys, values, entries) \
    MAP(name, BPF_MAP_TYPE_HASH, keys, values, entries, BPF_F_NO_PREALLOC)
#define ARRAY(name, values, entries) MAP(name, BPF_MAP_TYPE_ARRAY, __u32, values, entries, 0)
#define COUNTERS(name, values, entries) MAP(name, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, values, entries, 0)

// The first check's.
HASH(sources, __u32, struct switch_source, SWITCH_PORTS);
HASH(addresses, struct switch_address, struct switch_endpoint, SWITCH_ADDRESSES);
MAP(outside, BPF_MAP_TYPE_LPM_TRIE, struct switch_prefix, __u32, SWITCH_OUTSIDE, BPF_F_NO_PREALLOC);
ARRAY(targets, struct switch_target, SWITCH_PORTS);
ARRAY(epoch, __u32, 1);
HASH(policy, struct switch_flow, struct switch_choice, SWITCH_RULES);
ARRAY(rules, struct switch_rule, SWITCH_RULES);
HASH(pairs, struct switch_pair, __u32, SWITCH_RULES);
HASH(layer2, struct switch_layer2_key, struct switch_layer2, SWITCH_ADDRESSES);
ARRAY(zones, struct switch_zone, SWITCH_ZONES);
ARRAY(tenants, struct switch_tenant, SWITCH_TENANTS);

// The second check's.
HASH(passages, struct switch_pair, __u32, SWITCH_RULES);
HASH(arrivals, struct switch_arrival_key, struct switch_arrival, 2 * SWITCH_ADDRESSES);
HASH(doors, __u32, struct switch_door, SWITCH_PORTS);

// The programs' own: what they remember and what they count.
HASH(connections, struct switch_connection_key, struct switch_connection, SWITCH_CONNECTIONS);
COUNTERS(drafts, struct switch_connection, 1);  // a new one, which the stack has no room for
ARRAY(usage, __u32, SWITCH_TENANTS);
ARRAY(swept, __u64, 1);  // when the programs last swept for room
ARRAY(buckets, struct switch_bucket, SWITCH_PORTS + SWITCH_CONDUITS);
MAP(locals, BPF_MAP_TYPE_LRU_HASH, struct switch_local_key, struct switch_local, SWITCH_LOCALS, 0);
COUNTERS(port_counters, struct switch_port_counters, SWITCH_PORTS);
COUNTERS(conduit_counters, struct switch_conduit_counters, SWITCH_CONDUITS);
MAP(denials, BPF_MAP_TYPE_LRU_HASH, struct switch_denial_key, struct switch_denial, SWITCH_DENIALS, 0);
ARRAY(explained, struct switch_explained, 1);

// Records: the programs never read them.
ARRAY(port_records, struct switch_port_record, SWITCH_PORTS);
HASH(rule_records, struct switch_rule_record, __u32, SWITCH_RULES);
HASH(conduit_records, __u32, __u32, SWITCH_CONDUITS);

// 1 in the twin that only says what it would do.
const volatile __u8 explaining = 0;

#endif
