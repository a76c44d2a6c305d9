#include "vnet/rule_table.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>

#include "vnet/wire.hpp"

namespace bulkhead::vnet {
namespace {

using Names = std::map<Slot, model::PortName>;
using Addresses = std::map<Slot, std::uint32_t>;  // of the ports, in wire order

// Counted for no conduit: beyond the end of the array.
constexpr unsigned uncounted = SWITCH_CONDUITS;

template <class T>
struct BytesLess {
    bool operator()(const T& a, const T& b) const { return std::memcmp(&a, &b, sizeof a) < 0; }
};
using Flows = std::map<switch_flow, switch_verdict, BytesLess<switch_flow>>;
using RecordSet = std::set<switch_rule_record, BytesLess<switch_rule_record>>;

Addresses addresses_of(const std::vector<PortRecord>& ports) {
    Addresses addresses;
    for (const PortRecord& record : ports) addresses[record.slot] = to_wire(record.port.address);
    return addresses;
}

const PortRecord* find_port(const std::vector<PortRecord>& ports, const model::PortName& name) {
    const auto found =
        std::ranges::find_if(ports, [&](const PortRecord& record) { return record.port.name == name; });
    return found == ports.end() ? nullptr : &*found;
}

std::optional<switch_rule_record> encode(const model::Rule& rule, const std::vector<PortRecord>& ports) {
    const PortRecord* from = find_port(ports, rule.from);
    const PortRecord* to = find_port(ports, rule.to);
    if (from == nullptr || to == nullptr) return std::nullopt;
    switch_rule_record record{};
    record.from = from->slot;
    record.to = to->slot;
    record.conduit = rule.conduit;
    record.port = ::htons(rule.service.port);
    record.transport = static_cast<std::uint8_t>(rule.service.transport);
    return record;
}

model::Rule decode(const switch_rule_record& record, const Names& names) {
    return {names.at(record.from),
            names.at(record.to),
            {static_cast<model::Transport>(record.transport), ::ntohs(record.port)},
            record.conduit};
}

switch_flow flow(Slot from, std::uint32_t to, const switch_rule_record& record, switch_kind kind) {
    switch_flow flow{};
    flow.from = from;
    flow.to = to;
    flow.kind = static_cast<std::uint8_t>(kind);
    if (kind != switch_arp) {
        flow.port = record.port;
        flow.transport = record.transport;
    }
    return flow;
}

// All that follows from one rule, with its verdicts. Empty if one of its ports is not known.
Flows flows_of(const switch_rule_record& record, unsigned counter, const Addresses& addresses) {
    const auto from = addresses.find(record.from);
    const auto to = addresses.find(record.to);
    if (from == addresses.end() || to == addresses.end()) return {};
    return {{flow(record.from, to->second, record, switch_request), {record.to, counter}},
            {flow(record.to, from->second, record, switch_reply), {record.from, counter}},
            {flow(record.from, to->second, record, switch_arp), {record.to, uncounted}},
            {flow(record.to, from->second, record, switch_arp), {record.from, uncounted}}};
}

Flows flows_of(const std::vector<std::pair<switch_rule_record, unsigned>>& records,
               const Addresses& addresses) {
    Flows flows;
    for (const auto& [record, counter] : records) flows.merge(flows_of(record, counter, addresses));
    return flows;
}

bool mentions(const std::vector<std::pair<switch_rule_record, unsigned>>& records, std::uint32_t conduit) {
    return std::ranges::any_of(records, [&](const auto& item) { return item.first.conduit == conduit; });
}

bool has_all(const Flows& present, const Flows& wanted) {
    return !wanted.empty() && std::ranges::all_of(wanted, [&](const auto& item) {
        const auto found = present.find(item.first);
        return found != present.end() && found->second.to == item.second.to;
    });
}

Result<Flows> read_policy(const Program& program) {
    BULKHEAD_TRY_ASSIGN(const auto entries, program.policy().entries());
    return Flows(entries.begin(), entries.end());
}

}  // namespace

Result<std::set<model::Rule>> RuleTable::all(const std::vector<PortRecord>& ports) const {
    BULKHEAD_TRY_ASSIGN(const auto records, program_.rule_records().entries());
    BULKHEAD_TRY_ASSIGN(const Flows present, read_policy(program_));
    const Addresses addresses = addresses_of(ports);
    Names names;
    for (const PortRecord& port : ports) names[port.slot] = port.port.name;
    std::set<model::Rule> rules;
    for (const auto& [record, counter] : records)
        if (has_all(present, flows_of(record, counter, addresses))) rules.insert(decode(record, names));
    return rules;
}

Result<unsigned> RuleTable::counter_of(std::uint32_t conduit) {
    BULKHEAD_TRY_ASSIGN(const auto present, program_.conduit_records().find(conduit));
    if (present) return *present;
    BULKHEAD_TRY_ASSIGN(const auto entries, program_.conduit_records().entries());
    std::set<unsigned> used;
    for (const auto& [id, index] : entries) used.insert(index);
    unsigned index = 0;
    while (used.contains(index)) ++index;
    if (index >= SWITCH_CONDUITS)
        return fail(Code::refused, "the switch has no room for another conduit", {},
                    "at most " + std::to_string(SWITCH_CONDUITS) + " conduits on a gateway");
    BULKHEAD_TRY(program_.conduit_counters().clear(index));
    BULKHEAD_TRY(program_.conduit_records().put(conduit, index));
    return index;
}

Result<> RuleTable::open(const std::set<model::Rule>& rules, const std::vector<PortRecord>& ports) {
    const Addresses addresses = addresses_of(ports);
    for (const model::Rule& rule : rules) {
        const auto record = encode(rule, ports);
        if (!record)
            return fail(Code::not_found, "the switch has no port " + rule.from.str() + " or " + rule.to.str(),
                        "conduit", "both ports made before the conduit is opened");
        BULKHEAD_TRY_ASSIGN(const unsigned counter, counter_of(rule.conduit));
        BULKHEAD_TRY(program_.rule_records().put(*record, counter));
        for (const auto& [key, verdict] : flows_of(*record, counter, addresses))
            BULKHEAD_TRY(program_.policy().put(key, verdict));
    }
    return {};
}

Result<> RuleTable::close(const std::set<model::Rule>& rules, const std::vector<PortRecord>& ports) {
    BULKHEAD_TRY_ASSIGN(auto records, program_.rule_records().entries());
    RecordSet wanted;
    for (const model::Rule& rule : rules)
        if (const auto record = encode(rule, ports)) wanted.insert(*record);
    Records closing;
    std::ranges::copy_if(records, std::back_inserter(closing),
                         [&](const auto& item) { return wanted.contains(item.first); });
    return close(closing, std::move(records), ports);
}

Result<> RuleTable::close(Slot slot, const std::vector<PortRecord>& ports) {
    BULKHEAD_TRY_ASSIGN(auto records, program_.rule_records().entries());
    Records closing;
    std::ranges::copy_if(records, std::back_inserter(closing),
                         [&](const auto& item) { return item.first.from == slot || item.first.to == slot; });
    return close(closing, std::move(records), ports);
}

// Flows go first, their records last, so that a crash between leaves nothing open that is not on record.
Result<> RuleTable::close(const Records& closing, Records all, const std::vector<PortRecord>& ports) {
    RecordSet gone;
    for (const auto& [record, counter] : closing) gone.insert(record);
    std::erase_if(all, [&](const auto& item) { return gone.contains(item.first); });
    const Addresses addresses = addresses_of(ports);
    const Flows staying = flows_of(all, addresses);
    for (const auto& [key, verdict] : flows_of(closing, addresses)) {
        // Another conduit may allow the same: then the flow stays, and counts for that one.
        if (const auto other = staying.find(key); other != staying.end())
            BULKHEAD_TRY(program_.policy().put(key, other->second));
        else
            BULKHEAD_TRY(program_.policy().erase(key));
    }
    for (const auto& [record, counter] : closing) BULKHEAD_TRY(program_.rule_records().erase(record));
    for (const auto& [record, counter] : closing)
        if (!mentions(all, record.conduit)) BULKHEAD_TRY(program_.conduit_records().erase(record.conduit));
    return {};
}

Result<> RuleTable::sweep(const std::vector<PortRecord>& ports) {
    BULKHEAD_TRY_ASSIGN(auto whole, program_.rule_records().entries());
    BULKHEAD_TRY_ASSIGN(const Flows present, read_policy(program_));
    const Addresses addresses = addresses_of(ports);
    const auto split = std::ranges::partition(whole, [&](const auto& item) {
        return has_all(present, flows_of(item.first, item.second, addresses));
    });
    const Records half(split.begin(), split.end());
    whole.erase(split.begin(), split.end());
    const Flows meant = flows_of(whole, addresses);
    for (const auto& [key, verdict] : present)
        if (!meant.contains(key)) BULKHEAD_TRY(program_.policy().erase(key));
    for (const auto& [record, counter] : half) BULKHEAD_TRY(program_.rule_records().erase(record));
    BULKHEAD_TRY_ASSIGN(const auto conduits, program_.conduit_records().entries());
    for (const auto& [conduit, index] : conduits)
        if (!mentions(whole, conduit)) BULKHEAD_TRY(program_.conduit_records().erase(conduit));
    return {};
}

Result<std::vector<RuleTable::Counted>> RuleTable::counters() const {
    BULKHEAD_TRY_ASSIGN(const auto conduits, program_.conduit_records().entries());
    std::vector<Counted> counted;
    for (const auto& [conduit, index] : conduits) {
        BULKHEAD_TRY_ASSIGN(const auto counters, program_.conduit_counters().sum(index));
        counted.push_back({conduit, counters});
    }
    return counted;
}

}  // namespace bulkhead::vnet
