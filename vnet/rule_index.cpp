#include "vnet/rule_index.hpp"

#include <netinet/in.h>

#include <algorithm>

#include "vnet/bucket.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet {
namespace {

bool can_be_an_end(const PlacedPort& placed) {
    return placed.slot != 0 && placed.port.kind != model::PortKind::wire &&
           placed.port.kind != model::PortKind::mirror && placed.port.kind != model::PortKind::guard;
}

const PlacedPort* find_end(const Network& network, const model::PortName& name) {
    const auto found = network.ports.find(name);
    return found == network.ports.end() || !can_be_an_end(found->second) ? nullptr : &found->second;
}

bool is_outside(const PlacedPort& end) {
    return end.port.kind == model::PortKind::outside;
}

// What is outside comes in and goes out by the router's leg in the zone of the other end.
std::uint16_t zone_of(const Network& network, const PlacedPort& end, const PlacedPort& other) {
    const auto found = network.zones.find(is_outside(end) ? other.port.zone : end.port.zone);
    return found == network.zones.end() ? std::uint16_t{0} : found->second;
}

// A sender is known by its MAC address, its interface and its tag: layer 2 has no other address.
switch_layer2_key layer2_key(const Network& network, const PlacedPort& from, std::uint16_t ethertype) {
    switch_layer2_key key{};
    key.ifindex = interface_of(network, from);
    key.ethertype = ::htons(ethertype);
    key.vlan = static_cast<std::uint16_t>(from.port.vlan);
    to_wire(from.port.mac, key.mac);
    return key;
}

// 0 if the rule names none. One that it names must be there, and what goes through it is TCP between two that
// have addresses of their own.
std::optional<Slot> guard_of(const Network& network, const model::Rule& rule, const PlacedPort& from,
                             const PlacedPort& to) {
    if (rule.via.empty()) return Slot{0};
    const auto found = network.ports.find(rule.via);
    if (found == network.ports.end() || found->second.port.kind != model::PortKind::guard ||
        found->second.slot == 0 || rule.service.transport != model::Transport::tcp || is_outside(from) ||
        is_outside(to))
        return std::nullopt;
    return found->second.slot;
}

template <class Key>
void count_up(Table<Key, unsigned>& counts, Table<Key, std::uint32_t>& present, const Key& key) {
    ++counts[key];
    present[key] = 1;
}

template <class Key>
void count_down(Table<Key, unsigned>& counts, Table<Key, std::uint32_t>& present, const Key& key) {
    if (const auto found = counts.find(key); found != counts.end() && --found->second == 0) {
        counts.erase(found);
        present.erase(key);
    }
}

}  // namespace

std::optional<RuleKeys> keys_of(const Network& network, const model::Rule& rule) {
    const PlacedPort* from = find_end(network, rule.from);
    const PlacedPort* to = find_end(network, rule.to);
    if (from == nullptr || to == nullptr || (is_outside(*from) && is_outside(*to))) return std::nullopt;
    const std::uint16_t from_zone = zone_of(network, *from, *to);
    const std::uint16_t to_zone = zone_of(network, *to, *from);
    const auto via = guard_of(network, rule, *from, *to);
    if (!via) return std::nullopt;
    RuleKeys keys;
    keys.via = *via;
    keys.passages.push_back({from_zone, to_zone});
    if (const auto mirror = network.ports.find(rule.mirror);
        mirror != network.ports.end() && mirror->second.port.kind == model::PortKind::mirror) {
        const std::uint16_t mirror_zone = zone_of(network, mirror->second, mirror->second);
        keys.passages.push_back({from_zone, mirror_zone});
        if (from_zone != to_zone) keys.passages.push_back({to_zone, mirror_zone});
    }
    if (rule.service.transport == model::Transport::layer2) {
        if (is_outside(*from) || is_outside(*to)) return std::nullopt;  // nothing of layer 2 crosses a router
        // No answer can be told from a request here, so this opens one way only.
        keys.layer2 = layer2_key(network, *from, rule.service.port);
        keys.sender = from->slot;
        keys.peer = to->slot;
        return keys;
    }
    keys.flow = switch_flow{from->slot, to->slot, ::htons(rule.service.port),
                            static_cast<std::uint8_t>(rule.service.transport), 0};
    if (from_zone != to_zone) keys.passages.push_back({to_zone, from_zone});
    keys.pairs = {{from->slot, to->slot}, {to->slot, from->slot}};
    return keys;
}

RuleIndex::Rank RuleIndex::rank_of(RuleNumber number) const {
    return {ir_.rules.at(number).born, number};
}

RuleNumber RuleIndex::first_of(const std::vector<RuleNumber>& numbers) const {
    return *std::ranges::min_element(numbers, {}, [&](RuleNumber number) { return rank_of(number); });
}

void RuleIndex::settle(const switch_flow& flow) {
    const auto found = flows_.find(flow);
    if (found == flows_.end()) return;
    if (!found->second.empty()) {
        ir_.policy[flow] = {0, first_of(found->second), 0};
    } else {
        ir_.policy.erase(flow);
        flows_.erase(found);
    }
}

void RuleIndex::settle(const switch_layer2_key& key) {
    const auto found = peers_.find(key);
    if (found == peers_.end()) return;
    std::erase_if(found->second.rules, [](const auto& item) { return item.second.empty(); });
    if (found->second.rules.empty()) {
        ir_.layer2.erase(key);
        peers_.erase(found);
        return;
    }
    switch_layer2 entry{};
    entry.from = found->second.sender;
    for (const auto& [peer, numbers] : found->second.rules) {
        if (entry.count == SWITCH_PEERS) break;
        entry.to[entry.count] = peer;
        entry.rule[entry.count++] = first_of(numbers);
    }
    ir_.layer2[key] = entry;
}

void RuleIndex::settle_bucket(unsigned conduit) {
    const std::uint32_t bucket = SWITCH_PORTS + conduit;
    const auto found = rates_.find(conduit);
    if (found == rates_.end()) return;
    const std::uint64_t rate = found->second.empty() ? 0 : std::get<2>(*found->second.begin());
    if (rate == 0)
        ir_.buckets.erase(bucket);
    else
        ir_.buckets[bucket] = bucket_of(rate);
    if (found->second.empty()) rates_.erase(found);
}

void RuleIndex::add(const PlacedRule& rule, const RuleKeys& keys, Slot mirror) {
    const std::uint32_t bucket = rule.rule.rate == 0 ? 0 : SWITCH_PORTS + rule.conduit;
    ir_.rules[rule.number] = {rule.born,
                              never,
                              rule.conduit,
                              bucket,
                              static_cast<std::uint16_t>(mirror),
                              static_cast<std::uint16_t>(keys.via),
                              keys.flow.value_or(switch_flow{keys.sender, keys.peer, 0, 0, 0})};
    rates_[rule.conduit].emplace(rule.born, rule.number, rule.rule.rate);
    settle_bucket(rule.conduit);
    if (keys.flow) {
        flows_[*keys.flow].push_back(rule.number);
        settle(*keys.flow);
    }
    if (keys.layer2) {
        Peers& peers = peers_[*keys.layer2];
        peers.sender = keys.sender;
        peers.rules[keys.peer].push_back(rule.number);
        settle(*keys.layer2);
    }
    for (const switch_pair& pair : keys.pairs) count_up(pairs_, ir_.pairs, pair);
    for (const switch_pair& passage : keys.passages) count_up(passages_, ir_.passages, passage);
}

void RuleIndex::remove(const PlacedRule& rule, const RuleKeys& keys) {
    if (keys.flow) {
        std::erase(flows_[*keys.flow], rule.number);
        settle(*keys.flow);
    }
    if (keys.layer2) {
        std::erase(peers_[*keys.layer2].rules[keys.peer], rule.number);
        settle(*keys.layer2);
    }
    for (const switch_pair& pair : keys.pairs) count_down(pairs_, ir_.pairs, pair);
    for (const switch_pair& passage : keys.passages) count_down(passages_, ir_.passages, passage);
    rates_[rule.conduit].erase({rule.born, rule.number, rule.rule.rate});
    settle_bucket(rule.conduit);
    ir_.rules.erase(rule.number);
}

bool RuleIndex::is_full(const RuleKeys& keys) const {
    if (!keys.layer2) return false;
    const auto found = peers_.find(*keys.layer2);
    return found != peers_.end() && found->second.rules.size() >= SWITCH_PEERS &&
           !found->second.rules.contains(keys.peer);
}

}  // namespace bulkhead::vnet
