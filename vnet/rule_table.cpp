#include "vnet/rule_table.hpp"

#include <string>

#include "vnet/epoch.hpp"
#include "vnet/grace.hpp"
#include "vnet/map_changes.hpp"
#include "vnet/records.hpp"

namespace bulkhead::vnet {
namespace {

template <class Key>
bool is_wanted(const Key& key, const Table<Key, std::uint32_t>& ports,
               const Table<Key, std::uint32_t>& rules) {
    return ports.contains(key) || rules.contains(key);
}

RuleNumber number_at(const Ir& ir, const switch_flow& flow) {
    const auto found = ir.policy.find(flow);
    return found == ir.policy.end() ? 0 : found->second.after;
}

}  // namespace

std::set<model::Rule> RuleTable::of(const model::PortName& port) const {
    std::set<model::Rule> rules;
    for (const auto& [rule, placed] : state_.rules)
        if (rule.from == port || rule.to == port || rule.mirror == port || rule.via == port)
            rules.insert(rules.end(), rule);
    return rules;
}

Result<RuleNumber> RuleTable::free_number() {
    for (int attempt = 0; attempt < 2; ++attempt) {
        for (RuleNumber step = 1; step < SWITCH_RULES; ++step) {
            const RuleNumber number = 1 + (last_ + step - 1) % (SWITCH_RULES - 1);
            if (used_[number]) continue;
            used_[number] = true;
            last_ = number;
            return number;
        }
        BULKHEAD_TRY(sweep());
    }
    return fail(Code::refused, "the switch has no room for another rule", {},
                "at most " + std::to_string(SWITCH_RULES - 1) + " rules on a gateway");
}

Result<unsigned> RuleTable::counters_of(std::uint32_t conduit) {
    if (const auto found = state_.conduits.find(conduit); found != state_.conduits.end())
        return found->second;
    std::set<unsigned> used;
    for (const auto& [id, index] : state_.conduits) used.insert(index);
    unsigned index = 0;
    while (used.contains(index)) ++index;
    if (index >= SWITCH_CONDUITS)
        return fail(Code::refused, "the switch has no room for another conduit", {},
                    "at most " + std::to_string(SWITCH_CONDUITS) + " conduits on a gateway");
    auto counters = maps_.seen.conduits;
    auto records = maps_.records.conduits;
    BULKHEAD_TRY(counters.clear(index));
    BULKHEAD_TRY(records.put(conduit, index));
    state_.conduits[conduit] = index;
    return index;
}

Result<RuleTable::Opening> RuleTable::prepare(const model::Rule& rule) {
    const auto keys = keys_of(state_.network, rule);
    const auto record = encode(rule, state_.network);
    if (!keys || !record)
        return fail(Code::not_found,
                    "the switch has no port " + rule.from.str() + ", " + rule.to.str() +
                        (rule.mirror.empty() ? "" : " or " + rule.mirror.str()) +
                        (rule.via.empty() ? "" : " or " + rule.via.str()) + " that could be an end",
                    "conduit", "all ports made before the conduit is opened");
    if (state_.index.is_full(*keys))
        return fail(Code::refused, "a port has too many peers over one layer-2 protocol", rule.from.str(),
                    "at most " + std::to_string(SWITCH_PEERS));
    BULKHEAD_TRY_ASSIGN(const unsigned conduit, counters_of(rule.conduit));
    BULKHEAD_TRY_ASSIGN(const RuleNumber number, free_number());
    const RuleNumber before = keys->flow ? number_at(state_.index.ir(), *keys->flow) : 0;
    return Opening{{rule, number, conduit, state_.epoch + 1}, *keys, *record, before};
}

// From here on they are in the books.
Result<std::vector<RuleTable::Opening>> RuleTable::prepare(const std::set<model::Rule>& rules) {
    std::vector<Opening> openings;
    for (const model::Rule& rule : rules) {
        if (state_.rules.contains(rule)) continue;
        auto opening = prepare(rule);
        if (!opening) {
            forget(openings);
            return std::unexpected(opening.error());
        }
        state_.index.add(opening->placed, opening->keys, mirror_of(state_.network, rule));
        state_.rules[rule] = opening->placed;
        openings.push_back(std::move(*opening));
    }
    return openings;
}

Result<> RuleTable::open(const std::set<model::Rule>& rules, const std::set<model::Rule>& instead) {
    BULKHEAD_TRY_ASSIGN(const auto openings, prepare(rules));
    const auto closing = strike(instead);
    if (openings.empty() && closing.empty()) return {};
    auto written = write(openings);
    if (written) written = retire(closing);
    if (written) written = flip(maps_, state_);
    if (!written) forget(openings);
    return written;
}

// On record first: nothing is open that the records do not tell. What nobody looks up before the flip comes
// before what names it.
Result<> RuleTable::write(const std::vector<Opening>& openings) {
    PolicyMaps maps = maps_.policy;
    auto records = maps_.records.rules;
    const Ir& ir = state_.index.ir();
    for (const Opening& opening : openings) {
        const switch_rule& rule = ir.rules.at(opening.placed.number);
        BULKHEAD_TRY(records.put(opening.record, opening.placed.number));
        if (rule.bucket != 0) BULKHEAD_TRY(maps.buckets.put(rule.bucket, ir.buckets.at(rule.bucket)));
        BULKHEAD_TRY(maps.rules.put(opening.placed.number, rule));
    }
    for (const Opening& opening : openings) {
        for (const switch_pair& passage : opening.keys.passages) BULKHEAD_TRY(maps.passages.put(passage, 1));
        for (const switch_pair& pair : opening.keys.pairs) BULKHEAD_TRY(maps.pairs.put(pair, 1));
        if (opening.keys.layer2)
            BULKHEAD_TRY(maps.layer2.put(*opening.keys.layer2, ir.layer2.at(*opening.keys.layer2)));
        // A flow that another rule allows stays that one's.
        if (opening.keys.flow && number_at(ir, *opening.keys.flow) == opening.placed.number)
            BULKHEAD_TRY(maps.policy.put(*opening.keys.flow,
                                         {opening.before, opening.placed.number, state_.epoch + 1}));
    }
    return {};
}

void RuleTable::forget(const std::vector<Opening>& openings) {
    for (const Opening& opening : openings) {
        state_.index.remove(opening.placed, opening.keys);
        state_.rules.erase(opening.placed.rule);
        left_.push_back({opening.placed, opening.keys, opening.record});
    }
}

// Takes them out of the books; what they left is swept up some time later.
std::vector<RuleTable::Left> RuleTable::strike(const std::set<model::Rule>& rules) {
    std::vector<Left> closing;
    for (const model::Rule& rule : rules) {
        const auto found = state_.rules.find(rule);
        const auto keys = keys_of(state_.network, rule);
        const auto record = encode(rule, state_.network);
        if (found == state_.rules.end() || !keys || !record) continue;
        closing.push_back({found->second, *keys, *record});
        state_.index.remove(found->second, *keys);
        state_.rules.erase(found);
    }
    left_.insert(left_.end(), closing.begin(), closing.end());
    return closing;
}

Result<> RuleTable::close(const std::set<model::Rule>& rules) {
    const auto closing = strike(rules);
    if (closing.empty()) return {};
    BULKHEAD_TRY(retire(closing));
    return flip(maps_, state_);
}

// Before the flip that ends them.
Result<> RuleTable::retire(const std::vector<Left>& closing) {
    PolicyMaps maps = maps_.policy;
    for (const Left& left : closing) {
        const RuleNumber number = left.placed.number;
        if (left.keys.flow) {
            BULKHEAD_TRY_ASSIGN(const auto choice, maps.policy.find(*left.keys.flow));
            // Another rule may allow the same from now on; then that is what the entry says, or will say.
            if (choice && choice->after == number)
                BULKHEAD_TRY(maps.policy.put(
                    *left.keys.flow,
                    {number, number_at(state_.index.ir(), *left.keys.flow), state_.epoch + 1}));
        }
        BULKHEAD_TRY_ASSIGN(auto rule, maps.rules.find(number));
        if (!rule) continue;
        rule->died = state_.epoch + 1;
        BULKHEAD_TRY(maps.rules.put(number, *rule));
    }
    return {};
}

Result<> RuleTable::sweep() {
    if (left_.empty()) return {};
    BULKHEAD_TRY(wait_for_frames_on_their_way());
    while (!left_.empty()) {
        BULKHEAD_TRY(sweep(left_.back()));
        used_[left_.back().placed.number] = false;
        left_.pop_back();
    }
    return {};
}

// What another rule needs by now stays.
Result<> RuleTable::sweep(const Left& left) {
    PolicyMaps maps = maps_.policy;
    const Ir& ir = state_.index.ir();
    if (left.keys.flow && !ir.policy.contains(*left.keys.flow))
        BULKHEAD_TRY(maps.policy.erase(*left.keys.flow));
    if (left.keys.layer2) {
        const auto entry = ir.layer2.find(*left.keys.layer2);
        if (entry == ir.layer2.end())
            BULKHEAD_TRY(maps.layer2.erase(*left.keys.layer2));
        else
            BULKHEAD_TRY(maps.layer2.put(entry->first, entry->second));
    }
    for (const switch_pair& pair : left.keys.pairs)
        if (!is_wanted(pair, state_.ports.pairs, ir.pairs)) BULKHEAD_TRY(maps.pairs.erase(pair));
    for (const switch_pair& passage : left.keys.passages)
        if (!is_wanted(passage, state_.ports.passages, ir.passages))
            BULKHEAD_TRY(maps.passages.erase(passage));
    BULKHEAD_TRY(maps.rules.put(left.placed.number, switch_rule{}));
    auto records = maps_.records.rules;
    if (!state_.rules.contains(left.placed.rule)) BULKHEAD_TRY(records.erase(left.record));
    if (state_.index.has_conduit(left.placed.conduit)) return {};
    auto conduits = maps_.records.conduits;
    BULKHEAD_TRY(maps.buckets.put(SWITCH_PORTS + left.placed.conduit, switch_bucket{}));
    BULKHEAD_TRY(conduits.erase(left.placed.rule.conduit));
    state_.conduits.erase(left.placed.rule.conduit);
    return {};
}

bool RuleTable::adopt(const PlacedRule& rule) {
    const auto keys = keys_of(state_.network, rule.rule);
    if (!keys || rule.number == 0 || rule.number >= SWITCH_RULES || used_[rule.number]) return false;
    used_[rule.number] = true;
    state_.index.add(rule, *keys, mirror_of(state_.network, rule.rule));
    state_.rules[rule.rule] = rule;
    return true;
}

void RuleTable::drop(const model::Rule& rule) {
    strike({rule});
}

}  // namespace bulkhead::vnet
