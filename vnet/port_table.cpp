#include "vnet/port_table.hpp"

#include <algorithm>
#include <set>

#include "vnet/epoch.hpp"
#include "vnet/kernel_ir.hpp"
#include "vnet/map_changes.hpp"
#include "vnet/records.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet {
namespace {

// The number of a zone or a tenant: the one that it has, or the smallest that is free. The empty name has 0.
template <class Name>
Result<std::uint16_t> number_of(std::map<Name, std::uint16_t>& numbers, const Name& name, unsigned limit,
                                const char* what) {
    if (name.empty()) return std::uint16_t{0};
    if (const auto found = numbers.find(name); found != numbers.end()) return found->second;
    std::set<unsigned> used;
    for (const auto& [other, number] : numbers) used.insert(number);
    std::uint16_t number = 1;
    while (used.contains(number)) ++number;
    if (number >= limit)
        return fail(Code::refused, std::string("the switch has no room for another ") + what, name.str(),
                    "at most " + std::to_string(limit - 1) + " of them on a gateway");
    numbers[name] = number;
    return number;
}

// Whether frames may still be taken for the port's while its entry changes: it stands where it stood.
bool same_identity(const switch_source& a, const switch_source& b) {
    switch_source changed = a;
    changed.router = b.router;
    changed.dhcp = b.dhcp;
    return same_bytes(changed, b);
}

template <class Key>
Table<Key, std::uint32_t> less(const Table<Key, std::uint32_t>& some,
                               const Table<Key, std::uint32_t>& others) {
    Table<Key, std::uint32_t> left;
    for (const auto& [key, value] : some)
        if (!others.contains(key)) left.emplace(key, value);
    return left;
}

}  // namespace

// A network is one outside's alone: the switch could not say whose it is.
Result<> PortTable::refuse_taken_networks(const model::Port& port) const {
    if (port.kind != model::PortKind::outside) return {};
    const auto refuse = [&](const auto& prefixes) -> Result<> {
        for (const auto& prefix : prefixes) {
            const auto found = state_.ports.outside.find(to_wire(prefix));
            if (found == state_.ports.outside.end()) continue;
            const auto own = state_.network.ports.find(port.name);
            if (own != state_.network.ports.end() && own->second.slot == found->second) continue;
            return fail(Code::conflict, "the network " + to_string(prefix) + " is another's already",
                        port.name.str(), "a network that no zone and no other outside has");
        }
        return {};
    };
    BULKHEAD_TRY(refuse(port.prefixes));
    return refuse(port.prefixes6);
}

Result<PlacedPort> PortTable::place(const model::Port& port) {
    PlacedPort placed{port, 0, 0, state_.epoch + 1};
    if (const auto found = state_.network.ports.find(port.name); found != state_.network.ports.end()) {
        placed.slot = found->second.slot;
        return placed;
    }
    std::set<Slot> used;
    for (const auto& [name, other] : state_.network.ports) used.insert(other.slot);
    placed.slot = 1;  // slot 0 counts for interfaces that are nobody's port
    while (used.contains(placed.slot)) ++placed.slot;
    if (placed.slot >= SWITCH_PORTS)
        return fail(Code::refused, "the switch has no room for another port", port.name.str(),
                    "at most " + std::to_string(SWITCH_PORTS - 1) + " ports on a gateway");
    auto counters = maps_.seen.ports;
    BULKHEAD_TRY(counters.clear(placed.slot));
    return placed;
}

Result<> PortTable::record(const model::Port& port) {
    if (const auto found = state_.network.ports.find(port.name);
        found != state_.network.ports.end() && found->second.port == port)
        return {};
    BULKHEAD_TRY(refuse_taken_networks(port));
    BULKHEAD_TRY_ASSIGN(const PlacedPort placed, place(port));
    BULKHEAD_TRY_ASSIGN(const auto zone, number_of(state_.network.zones, port.zone, SWITCH_ZONES, "zone"));
    BULKHEAD_TRY_ASSIGN(const auto tenant,
                        number_of(state_.network.tenants, port.tenant, SWITCH_TENANTS, "tenant"));
    BULKHEAD_TRY_ASSIGN(const auto record, encode(PortRecord{port, zone, tenant}));
    auto records = maps_.records.ports;
    BULKHEAD_TRY(records.put(placed.slot, record));
    state_.network.ports[port.name] = placed;
    return {};
}

Result<> PortTable::admit(const model::PortName& name, unsigned ifindex) {
    return change([&](Network& network) {
        // Whoever had that number before is not there any more.
        for (auto& [other, placed] : network.ports)
            if (placed.ifindex == ifindex) placed.ifindex = 0;
        network.ports.at(name).ifindex = ifindex;
    });
}

Result<> PortTable::expel(const model::PortName& name) {
    return change([&](Network& network) { network.ports.at(name).ifindex = 0; });
}

Result<> PortTable::forget(const model::PortName& name) {
    const auto found = state_.network.ports.find(name);
    if (found == state_.network.ports.end()) return {};
    const Slot slot = found->second.slot;
    BULKHEAD_TRY(change([&](Network& network) { network.ports.erase(name); }));
    std::erase_if(state_.network.zones, [&](const auto& item) {
        return std::ranges::none_of(state_.network.ports,
                                    [&](const auto& port) { return port.second.port.zone == item.first; });
    });
    std::erase_if(state_.network.tenants, [&](const auto& item) {
        return std::ranges::none_of(state_.network.ports,
                                    [&](const auto& port) { return port.second.port.tenant == item.first; });
    });
    auto records = maps_.records.ports;
    return records.put(slot, switch_port_record{});
}

// What is there is read, not remembered, so that what someone else did is undone on the way.
Result<> PortTable::change(const std::function<void(Network&)>& edit) {
    BULKHEAD_TRY_ASSIGN(Ir before, read_ports(maps_.policy));
    before.pairs = state_.ports.pairs;
    before.passages = state_.ports.passages;
    before.zones = state_.ports.zones;
    before.tenants = state_.ports.tenants;
    before.buckets = state_.ports.buckets;
    edit(state_.network);
    state_.ports = compile_ports(state_.network);
    BULKHEAD_TRY(take_away(before, state_.ports));
    BULKHEAD_TRY(bring(before, state_.ports));
    const bool born = std::ranges::any_of(
        state_.ports.targets, [&](const auto& target) { return target.second.born > state_.epoch; });
    if (born) BULKHEAD_TRY(flip(maps_, state_));
    return put_changes(maps_.policy.sources, before.sources, state_.ports.sources, grace_);
}

// Who changes is mute first: nothing is judged by a mixture.
Result<> PortTable::take_away(const Ir& before, const Ir& after) {
    const PolicyMaps& maps = maps_.policy;
    BULKHEAD_TRY(erase_gone(maps.sources, before.sources, after.sources, grace_));
    auto sources = maps.sources;
    for (const auto& [ifindex, source] : after.sources)
        if (const auto old = before.sources.find(ifindex);
            old != before.sources.end() && !same_identity(old->second, source)) {
            grace_.owe();
            BULKHEAD_TRY(sources.erase(ifindex));
        }
    BULKHEAD_TRY(erase_gone(maps.addresses, before.addresses, after.addresses, grace_));
    BULKHEAD_TRY(erase_gone(maps.outside, before.outside, after.outside));
    BULKHEAD_TRY(clear_gone(maps.targets, before.targets, after.targets));
    BULKHEAD_TRY(erase_gone(maps.arrivals, before.arrivals, after.arrivals, grace_));
    BULKHEAD_TRY(erase_gone(maps.doors, before.doors, after.doors, grace_));
    const Ir& rules = state_.index.ir();
    BULKHEAD_TRY(erase_gone(maps.pairs, less(before.pairs, rules.pairs), after.pairs));
    BULKHEAD_TRY(erase_gone(maps.passages, less(before.passages, rules.passages), after.passages));
    BULKHEAD_TRY(clear_gone(maps.zones, before.zones, after.zones));
    BULKHEAD_TRY(clear_gone(maps.tenants, before.tenants, after.tenants));
    return clear_gone(maps.buckets, before.buckets, after.buckets);
}

// What is delivered is checked before anything is sent there.
Result<> PortTable::bring(const Ir& before, const Ir& after) {
    const PolicyMaps& maps = maps_.policy;
    BULKHEAD_TRY(put_changes(maps.doors, before.doors, after.doors, grace_));
    BULKHEAD_TRY(put_changes(maps.arrivals, before.arrivals, after.arrivals, grace_));
    BULKHEAD_TRY(put_changes(maps.passages, before.passages, after.passages));
    BULKHEAD_TRY(put_changes(maps.pairs, before.pairs, after.pairs));
    BULKHEAD_TRY(put_changes(maps.buckets, before.buckets, after.buckets));
    BULKHEAD_TRY(put_changes(maps.tenants, before.tenants, after.tenants));
    BULKHEAD_TRY(put_changes(maps.zones, before.zones, after.zones));
    BULKHEAD_TRY(put_changes(maps.targets, before.targets, after.targets));
    BULKHEAD_TRY(put_changes(maps.outside, before.outside, after.outside));
    return put_changes(maps.addresses, before.addresses, after.addresses, grace_);
}

}  // namespace bulkhead::vnet
