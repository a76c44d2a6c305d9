#include "vnet/inspection.hpp"

#include <algorithm>

#include "vnet/kernel_ir.hpp"
#include "vnet/map_changes.hpp"
#include "vnet/records.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet {
namespace {

class Inspection {
  public:
    Inspection(const Maps& maps, State& state, RuleTable& rules, Ir kernel)
        : maps_(maps.policy),
          state_(state),
          rules_(rules),
          kernel_(std::move(kernel)),
          names_(names_of(state.network)) {}

    Result<Findings> run() {
        BULKHEAD_TRY(epoch());
        BULKHEAD_TRY(ports());
        BULKHEAD_TRY(lost_rules());
        BULKHEAD_TRY(flows());
        return std::move(findings_);
    }

  private:
    void found(std::string text) { findings_.texts.push_back(std::move(text)); }

    Result<> epoch() {
        if (kernel_.epoch == state_.epoch) return {};
        found("the epoch was set from " + std::to_string(state_.epoch) + " to " +
              std::to_string(kernel_.epoch));
        return maps_.epoch.put(0, state_.epoch);
    }

    // Nobody's entries go. Those that are wrong make their port broken.
    template <class Key, class Value, class SlotOf>
    Result<> compare(const char* table, Map<Key, Value> map, const Table<Key, Value>& there,
                     const Table<Key, Value>& wanted, SlotOf slot_of) {
        for (const auto& [key, value] : there) {
            if (wanted.contains(key)) continue;
            found(std::string("the map ") + table + " had an entry that nobody made");
            BULKHEAD_TRY(erase(map, key));
        }
        for (const auto& [key, value] : wanted)
            if (!same_entry(there, key, value)) {
                if (const auto name = names_.find(slot_of(key, value)); name != names_.end())
                    findings_.broken.emplace(name->second, table);
                else  // nobody's by intent: the networks of zones in `outside`
                    BULKHEAD_TRY(map.put(key, value));
            }
        return {};
    }

    Result<> ports() {
        const Ir& wanted = state_.ports;
        const auto of_value = [](const auto&, const auto& value) { return value.slot; };
        const auto of_key = [](std::uint32_t slot, const auto&) { return slot; };
        const auto value = [](const auto&, std::uint32_t slot) { return slot; };
        BULKHEAD_TRY(compare("sources", maps_.sources, kernel_.sources, wanted.sources, of_value));
        BULKHEAD_TRY(compare("addresses", maps_.addresses, kernel_.addresses, wanted.addresses, of_value));
        BULKHEAD_TRY(compare("outside", maps_.outside, kernel_.outside, wanted.outside, value));
        BULKHEAD_TRY(compare("targets", maps_.targets, kernel_.targets, wanted.targets, of_key));
        BULKHEAD_TRY(compare("arrivals", maps_.arrivals, kernel_.arrivals, wanted.arrivals, of_value));
        BULKHEAD_TRY(compare("doors", maps_.doors, kernel_.doors, wanted.doors, of_value));
        return {};
    }

    static Result<> erase(Map<std::uint32_t, switch_target> map, std::uint32_t slot) {
        return map.put(slot, {});
    }
    template <class Key, class Value>
    static Result<> erase(Map<Key, Value> map, const Key& key) {
        return map.erase(key);
    }

    // A rule stands if its number holds in this epoch, and its flow leads to a number that does.
    bool in_force(const PlacedRule& placed, const RuleKeys& keys) const {
        const auto rule = kernel_.rules.find(placed.number);
        if (rule == kernel_.rules.end() || !holds(rule->second, state_.epoch)) return false;
        switch_rule meant = state_.index.ir().rules.at(placed.number);
        meant.died = rule->second.died;  // of a close that was cut short
        if (!same_bytes(meant, rule->second)) return false;
        if (!keys.flow) return true;
        const auto choice = kernel_.policy.find(*keys.flow);
        return choice != kernel_.policy.end() &&
               holds(choice->second, state_.epoch) == state_.index.ir().policy.at(*keys.flow).after;
    }

    Result<> lost_rules() {
        std::vector<model::Rule> lost;
        for (const auto& [rule, placed] : state_.rules) {
            const auto keys = keys_of(state_.network, rule);
            if (!keys || !in_force(placed, *keys)) lost.push_back(rule);
        }
        for (const model::Rule& rule : lost) {
            found("the rule " + rule.from.str() + " > " + rule.to.str() + " " + to_string(rule.service) +
                  " was not in force");
            rules_.drop(rule);
        }
        return rules_.sweep();
    }

    // What is left is as the index says, or is made so.
    Result<> flows() {
        const Ir wanted = state_.wanted();
        for (const auto& [flow, choice] : kernel_.policy) {
            const auto meant = wanted.policy.find(flow);
            if (meant == wanted.policy.end()) {
                if (holds(choice, state_.epoch) != 0) found("an open flow that nobody made was closed");
                BULKHEAD_TRY(maps_.policy.erase(flow));
            } else if (choice.since > state_.epoch) {
                BULKHEAD_TRY(maps_.policy.put(flow, meant->second));
            }
        }
        BULKHEAD_TRY(mend("rules", maps_.rules, kernel_.rules, wanted.rules));
        BULKHEAD_TRY(mend("pairs", maps_.pairs, kernel_.pairs, wanted.pairs));
        BULKHEAD_TRY(mend("passages", maps_.passages, kernel_.passages, wanted.passages));
        BULKHEAD_TRY(mend("layer2", maps_.layer2, kernel_.layer2, wanted.layer2));
        BULKHEAD_TRY(mend("zones", maps_.zones, kernel_.zones, wanted.zones));
        BULKHEAD_TRY(mend("tenants", maps_.tenants, kernel_.tenants, wanted.tenants));
        for (auto& [index, bucket] : kernel_.buckets) bucket.full = 0;  // the programs' own
        return mend("buckets", maps_.buckets, kernel_.buckets, wanted.buckets);
    }

    template <class Key, class Value>
    Result<> mend(const char* table, Map<Key, Value> map, const Table<Key, Value>& there,
                  const Table<Key, Value>& wanted) {
        bool changed = false;
        for (const auto& [key, value] : there)
            if (!wanted.contains(key)) {
                changed = true;
                BULKHEAD_TRY(erase_or_clear(map, key));
            }
        for (const auto& [key, value] : wanted)
            if (!same_entry(there, key, value)) {
                changed = true;
                BULKHEAD_TRY(map.put(key, value));
            }
        if (changed) found(std::string("the map ") + table + " was not what it should be");
        return {};
    }

    // Arrays are those with an index for a key.
    template <class Key, class Value>
    static Result<> erase_or_clear(Map<Key, Value> map, const Key& key) {
        if constexpr (std::is_same_v<Key, std::uint32_t>)
            return map.put(key, Value{});
        else
            return map.erase(key);
    }

    PolicyMaps maps_;
    State& state_;
    RuleTable& rules_;
    Ir kernel_;
    const PortNames names_;
    Findings findings_;
};

// Networks of outsides stand in the map alone.
void add_networks(const Ir& kernel, std::map<Slot, model::Port*>& outsides) {
    for (const auto& [prefix, slot] : kernel.outside) {
        const auto port = outsides.find(slot);
        if (port == outsides.end()) continue;
        if (is_ipv4(prefix.address) && prefix.length >= ipv4_prefix_bits)
            port->second->prefixes.push_back({to_ipv4(prefix.address), prefix.length - ipv4_prefix_bits});
        else
            port->second->prefixes6.push_back({to_ipv6(prefix.address), prefix.length});
    }
}

Result<> load_ports(const Maps& maps, const Ir& kernel, Network& network) {
    BULKHEAD_TRY_ASSIGN(const auto records, maps.records.ports.entries());
    std::map<Slot, model::Port*> outsides;
    for (const auto& [slot, entry] : records) {
        if (entry.name[0] == '\0') continue;
        BULKHEAD_TRY_ASSIGN(auto record, decode(entry));
        const auto target = kernel.targets.find(slot);
        PlacedPort placed{record.port, slot, 0, target == kernel.targets.end() ? 0 : target->second.born};
        for (const auto& [ifindex, source] : kernel.sources)
            if (source.slot == slot) placed.ifindex = ifindex;
        if (!record.port.zone.empty()) network.zones[record.port.zone] = record.zone;
        if (!record.port.tenant.empty()) network.tenants[record.port.tenant] = record.tenant;
        auto& made = network.ports[record.port.name] = std::move(placed);
        if (record.port.kind == model::PortKind::outside) outsides[slot] = &made.port;
    }
    add_networks(kernel, outsides);
    for (const auto& [slot, port] : outsides) {
        std::ranges::sort(port->prefixes);
        std::ranges::sort(port->prefixes6);
    }
    return {};
}

Result<> load_rules(const Maps& maps, const Ir& kernel, State& state, RuleTable& rules) {
    BULKHEAD_TRY_ASSIGN(const auto conduits, maps.records.conduits.entries());
    BULKHEAD_TRY_ASSIGN(const auto entries, maps.records.rules.entries());
    for (const auto& [id, index] : conduits) state.conduits[id] = index;
    const PortNames names = names_of(state.network);
    auto records = maps.records.rules;
    for (const auto& [record, number] : entries) {
        const auto rule = decode(record, names);
        const auto there = kernel.rules.find(number);
        const bool stands = rule && there != kernel.rules.end() && holds(there->second, kernel.epoch) &&
                            state.conduits.contains(record.conduit) &&
                            rules.adopt({*rule, number, there->second.conduit, there->second.born});
        if (!stands) BULKHEAD_TRY(records.erase(record));
    }
    auto conduit_records = maps.records.conduits;
    for (const auto& [id, index] : conduits) {
        if (state.index.has_conduit(index)) continue;
        BULKHEAD_TRY(conduit_records.erase(id));
        state.conduits.erase(id);
    }
    return {};
}

}  // namespace

Result<Findings> check(const Maps& maps, State& state, RuleTable& rules) {
    BULKHEAD_TRY(rules.sweep());
    BULKHEAD_TRY_ASSIGN(auto kernel, read_ir(maps.policy));
    return Inspection(maps, state, rules, std::move(kernel)).run();
}

Result<Findings> load(const Maps& maps, State& state, RuleTable& rules) {
    BULKHEAD_TRY_ASSIGN(auto kernel, read_ir(maps.policy));
    if (kernel.epoch == 0) {
        kernel.epoch = 1;
        auto epoch = maps.policy.epoch;
        BULKHEAD_TRY(epoch.put(0, kernel.epoch));
    }
    state.epoch = kernel.epoch;
    BULKHEAD_TRY(load_ports(maps, kernel, state.network));
    state.ports = compile_ports(state.network);
    BULKHEAD_TRY(load_rules(maps, kernel, state, rules));
    return Inspection(maps, state, rules, std::move(kernel)).run();
}

}  // namespace bulkhead::vnet
