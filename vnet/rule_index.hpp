// What rules put into the policy's maps. It counts who needs what, so that to add or to remove a rule costs
// what changes and not what there is; compile() is nothing but adding them all.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "vnet/ir.hpp"

namespace bulkhead::vnet {

// The entries that one rule needs.
struct RuleKeys {
    std::optional<switch_flow> flow;
    std::optional<switch_layer2_key> layer2;
    Slot sender = 0;                    // of layer2
    Slot peer = 0;                      // of layer2
    Slot via = 0;                       // the guard that the flow goes through; 0: none
    std::vector<switch_pair> pairs;     // of slots
    std::vector<switch_pair> passages;  // of zones
};

// Nothing if an end of the rule is not placed, or can't be an end: the rule opens nothing.
std::optional<RuleKeys> keys_of(const Network& network, const model::Rule& rule);

class RuleIndex {
  public:
    // `keys`: keys_of() the rule. `mirror`: the slot that gets a copy, 0 for none. A number is added once.
    void add(const PlacedRule& rule, const RuleKeys& keys, Slot mirror);
    // A rule that was added, with the same keys.
    void remove(const PlacedRule& rule, const RuleKeys& keys);

    // policy, rules, pairs, passages, layer2, and the conduits' buckets; the ports' tables are empty.
    const Ir& ir() const { return ir_; }
    // Whether a layer-2 rule would be one peer too many.
    bool is_full(const RuleKeys& keys) const;
    bool has_conduit(unsigned conduit) const { return rates_.contains(conduit); }

  private:
    // Of several rules that say the same, the one that was opened first counts, and sorts first.
    using Rank = std::pair<std::uint32_t, RuleNumber>;  // born, number
    Rank rank_of(RuleNumber number) const;
    RuleNumber first_of(const std::vector<RuleNumber>& numbers) const;
    void settle(const switch_flow& flow);
    void settle(const switch_layer2_key& key);
    void settle_bucket(unsigned conduit);

    Ir ir_;
    Table<switch_flow, std::vector<RuleNumber>> flows_;
    struct Peers {
        Slot sender = 0;
        std::map<Slot, std::vector<RuleNumber>> rules;  // by peer
    };
    Table<switch_layer2_key, Peers> peers_;
    Table<switch_pair, unsigned> pairs_;
    Table<switch_pair, unsigned> passages_;
    std::map<unsigned, std::set<std::tuple<std::uint32_t, RuleNumber, std::uint64_t>>> rates_;  // by conduit
};

}  // namespace bulkhead::vnet
