// The maps of the switch, by the names that bpf/maps.h gives them.
#pragma once

#include "vnet/bpf/layout.h"
#include "vnet/map.hpp"

namespace bulkhead::vnet {

// What is decided here and obeyed by the programs.
struct PolicyMaps {
    Map<std::uint32_t, switch_source> sources;
    Map<switch_address, switch_endpoint> addresses;
    Map<switch_prefix, std::uint32_t> outside;
    Map<std::uint32_t, switch_target> targets;
    Map<std::uint32_t, std::uint32_t> epoch;  // one entry, 0
    Map<switch_flow, switch_choice> policy;
    Map<std::uint32_t, switch_rule> rules;
    Map<switch_pair, std::uint32_t> pairs;
    Map<switch_pair, std::uint32_t> passages;
    Map<switch_arrival_key, switch_arrival> arrivals;
    Map<std::uint32_t, switch_door> doors;
    Map<switch_layer2_key, switch_layer2> layer2;
    Map<std::uint32_t, switch_zone> zones;
    Map<std::uint32_t, switch_tenant> tenants;
    Map<std::uint32_t, switch_bucket> buckets;
};

// What is on record for whoever comes after us; the programs never read it.
struct RecordMaps {
    Map<std::uint32_t, switch_port_record> ports;  // by slot
    Map<switch_rule_record, std::uint32_t> rules;  // with its number
    Map<std::uint32_t, std::uint32_t> conduits;    // id: index of its counters
};

// What the programs remember and count.
struct SeenMaps {
    Map<switch_connection_key, switch_connection> connections;
    Map<std::uint32_t, std::uint32_t> usage;  // connections, by tenant
    Map<switch_local_key, switch_local> locals;
    Map<switch_denial_key, switch_denial> denials;
    Counters<switch_port_counters> ports;
    Counters<switch_conduit_counters> conduits;
};

struct Maps {
    PolicyMaps policy;
    RecordMaps records;
    SeenMaps seen;
};

}  // namespace bulkhead::vnet
