// What the switch is told to do, as data: the content of its policy maps, decided by a pure function. The
// maps are written from an Ir, read back into one, explained over one and proved over one, so there is one
// meaning and one place for it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "base/error.hpp"
#include "model/resources.hpp"
#include "vnet/bpf/layout.h"
#include "vnet/bytes_order.hpp"

namespace bulkhead::vnet {

using Slot = unsigned;
using RuleNumber = unsigned;
inline constexpr std::uint32_t never = 0xffffffff;  // the epoch in which a rule dies that stands

// A port with its place in the maps. `ifindex` 0: it has no interface of its own, or is not there.
struct PlacedPort {
    model::Port port;
    Slot slot = 0;
    unsigned ifindex = 0;
    std::uint32_t born = 0;  // epoch since which it is what it is
    bool operator==(const PlacedPort&) const = default;
};

// A rule with its number, and the index of its conduit's counters.
struct PlacedRule {
    model::Rule rule;
    RuleNumber number = 0;
    unsigned conduit = 0;
    std::uint32_t born = 0;  // epoch
    bool operator==(const PlacedRule&) const = default;
};

// What a choice names at `epoch` (0: no rule), and whether a rule holds then.
inline RuleNumber holds(const switch_choice& choice, std::uint32_t epoch) {
    return epoch >= choice.since ? choice.after : choice.before;
}
inline bool holds(const switch_rule& rule, std::uint32_t epoch) {
    return rule.born <= epoch && epoch < rule.died;
}

// All that the switch should do, and where it stands in the maps. Numbers of zones and tenants come from
// their names' order of appearance and are kept as long as one port has them.
struct Network {
    std::map<model::PortName, PlacedPort> ports;
    std::vector<PlacedRule> rules;
    std::map<model::ZoneName, std::uint16_t> zones;      // from 1; 0 is nobody's
    std::map<model::TenantName, std::uint16_t> tenants;  // from 1
    bool operator==(const Network&) const = default;
};

template <class Key, class Value>
using Table = std::map<Key, Value, BytesLess<Key>>;

struct Ir {
    std::uint32_t epoch = 1;
    Table<std::uint32_t, switch_source> sources;  // by ifindex
    Table<switch_address, switch_endpoint> addresses;
    Table<switch_prefix, std::uint32_t> outside;
    Table<std::uint32_t, switch_target> targets;  // by slot; those that are not zero
    Table<switch_flow, switch_choice> policy;
    Table<std::uint32_t, switch_rule> rules;  // by number; those that are not zero
    Table<switch_pair, std::uint32_t> pairs;
    Table<switch_pair, std::uint32_t> passages;  // of zones
    Table<switch_arrival_key, switch_arrival> arrivals;
    Table<std::uint32_t, switch_door> doors;  // by ifindex
    Table<switch_layer2_key, switch_layer2> layer2;
    Table<std::uint32_t, switch_zone> zones;
    Table<std::uint32_t, switch_tenant> tenants;
    Table<std::uint32_t, switch_bucket> buckets;  // `full` is the kernel's
};

// Pure. Rules whose ports are not placed are left out: nothing is open that can't be judged. A choice is made
// as {0, number, 0}: the kernel's may still name what was before. Of several rules that allow the same flow,
// the one that was opened first counts.
Ir compile(const Network& network);

// Its two halves, for whoever changes one of them; merge() joins them.
Ir compile_ports(const Network& network);
Ir merge(Ir ports, const Ir& rules);
// The interface over which a port is reached, for a host that of its wire; 0 if it is not there.
unsigned interface_of(const Network& network, const PlacedPort& placed);
// The slot that gets copies of the rule's frames; 0: none.
Slot mirror_of(const Network& network, const model::Rule& rule);

}  // namespace bulkhead::vnet
