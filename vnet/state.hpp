// What the driver knows to be meant: read from the kernel's records at the start, and changed with them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "vnet/ir.hpp"
#include "vnet/rule_index.hpp"

namespace bulkhead::vnet {

struct State {
    std::uint32_t epoch = 1;
    Network network;  // its `rules` are empty: they stand below
    std::map<model::Rule, PlacedRule> rules;
    std::map<std::uint32_t, unsigned> conduits;  // id: index of its counters
    Ir ports;                                    // compile_ports(network)
    RuleIndex index;                             // all of `rules`

    // All that the kernel should hold.
    Ir wanted() const {
        Ir ir = merge(ports, index.ir());
        ir.epoch = epoch;
        return ir;
    }
};

}  // namespace bulkhead::vnet
