#include "vnet/explain/judge.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "vnet/explain/rates.hpp"

namespace bulkhead::vnet::explain {
namespace {

template <class Key, class Value>
const Value* row(const Table<Key, Value>& table, const Key& key) {
    const auto found = table.find(key);
    return found == table.end() ? nullptr : &found->second;
}

bool has_address(const switch_source& source, const switch_address& address) {
    return !is_none(address) && (same(source.address, address) || same(source.address6, address));
}

// Of the longest prefix over it.
std::optional<Slot> entry_over(const Ir& ir, const switch_address& address) {
    std::optional<Slot> found;
    unsigned longest = 0;
    for (const auto& [prefix, slot] : ir.outside)
        if (prefix.length >= longest && lies_in(address, prefix)) {
            found = slot;
            longest = prefix.length;
        }
    return found;
}

// A host behind a wire: known by its address, and then nothing about it may differ.
Parsed<Sender> host_behind(const Ir& ir, const Arrival& arrival, const switch_source& source,
                           const Ethernet& ethernet, const switch_address& from) {
    const switch_endpoint* host = endpoint_of(ir, from);
    const switch_target* target = host ? target_of(ir, host->slot) : nullptr;
    if (!target || target->ifindex != arrival.ifindex) return std::unexpected(switch_drop_source_address);
    if (host->vlan != (ethernet.tag.value_or(0) & 0xfff)) return std::unexpected(switch_drop_vlan);
    if (mac_of(host->mac) != ethernet.source) return std::unexpected(switch_drop_source_mac);
    return Sender{&source, host->slot, host->slot, host->tenant, host->zone, router_of(ir, host->zone)};
}

// A router speaks for itself, and for the networks beyond it.
Parsed<Sender> router_or_beyond(const Ir& ir, const switch_source& source, const switch_address& from,
                                bool error) {
    Sender sender{&source, source.slot, source.slot, source.tenant, source.zone, source.router};
    if (has_address(source, from)) return sender;
    if (endpoint_of(ir, from)) return std::unexpected(switch_drop_source_address);
    const auto beyond = entry_over(ir, from);
    if (beyond.value_or(0) != 0) sender.slot = *beyond;
    // Whoever is on the way to what is beyond may refuse a packet, unless the address is nobody's.
    const bool may_be_on_the_way = error && !beyond && !is_none(from);
    if (beyond.value_or(0) == 0 && !may_be_on_the_way) return std::unexpected(switch_drop_source_address);
    return sender;
}

// A guard speaks as any end that has an address; whether there is such a flow is the rules' to say.
Parsed<Sender> end_in_whose_name(const Ir& ir, const switch_source& source, const switch_address& from) {
    const switch_endpoint* end = endpoint_of(ir, from);
    if (!end || is_none(from)) return std::unexpected(switch_drop_source_address);
    return Sender{&source, end->slot, source.slot, end->tenant, end->zone, 0};
}

}  // namespace

MacBytes mac_of(const unsigned char (&bytes)[6]) {
    MacBytes mac{};
    std::ranges::copy(bytes, mac.begin());
    return mac;
}

bool is_router_local(const switch_address& address) {
    const std::array<std::uint8_t, 16> local{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return same(address, address_of(local));
}

const switch_target* target_of(const Ir& ir, Slot slot) {
    return row<std::uint32_t>(ir.targets, slot);
}

const switch_endpoint* endpoint_of(const Ir& ir, const switch_address& address) {
    return row(ir.addresses, address);
}

Slot outside_of(const Ir& ir, const switch_address& address) {
    return entry_over(ir, address).value_or(0);
}

Slot router_of(const Ir& ir, std::uint16_t zone) {
    const switch_zone* found = row<std::uint32_t>(ir.zones, zone);
    return found ? found->router : 0;
}

bool may_resolve(const Ir& ir, Slot from, Slot to) {
    return ir.pairs.contains(switch_pair{from, to});
}

const switch_rule* rule_of(const Ir& ir, RuleNumber number) {
    return number == 0 ? nullptr : row<std::uint32_t>(ir.rules, number);
}

// A choice of a change that is to come was written in the epoch before it, whatever was read of it since.
RuleNumber rule_for(const Ir& ir, Slot from, Slot to, std::uint8_t transport, std::uint16_t port) {
    const switch_flow flow{from, to, htons(port), transport, 0};
    const switch_choice* choice = row(ir.policy, flow);
    if (!choice) return 0;
    const std::uint32_t now = choice->since > ir.epoch + 1 ? choice->since - 1 : ir.epoch;
    const RuleNumber number = holds(*choice, now);
    const switch_rule* rule = rule_of(ir, number);
    return rule && same_bytes(rule->flow, flow) && holds(*rule, now) ? number : 0;
}

Parsed<Sender> sender_by_address(const Ir& ir, const Arrival& arrival, const switch_source& source,
                                 const Ethernet& ethernet, const switch_address& from, bool error) {
    if (source.kind == switch_wire) return host_behind(ir, arrival, source, ethernet, from);
    if (source.kind == switch_guard) return end_in_whose_name(ir, source, from);
    if (source.kind == switch_router) return router_or_beyond(ir, source, from, error);
    if (!has_address(source, from)) return std::unexpected(switch_drop_source_address);
    return Sender{&source, source.slot, source.slot, source.tenant, source.zone, source.router};
}

Parsed<Receiver> receiver_of(const Ir& ir, const Sender& sender, const switch_address& to) {
    if (const switch_endpoint* endpoint = endpoint_of(ir, to)) {
        // A router sends into the zone that it stands in, and to nobody else over our head.
        if (sender.source->kind == switch_router && endpoint->zone != sender.zone)
            return std::unexpected(switch_drop_no_conduit);
        return Receiver{endpoint->slot, endpoint->slot};
    }
    const Slot beyond = sender.source->kind == switch_router ? 0 : outside_of(ir, to);
    if (beyond == 0 || sender.router == 0) return std::unexpected(switch_drop_no_conduit);
    return Receiver{beyond, sender.router};
}

Refusal deliver(const Ir& ir, const Sender& sender, const Receiver& receiver, const Ethernet& ethernet,
                std::uint8_t hops, std::uint8_t leg, Decision& decision) {
    const switch_target* target = target_of(ir, receiver.way);
    if (!target || target->ifindex == 0) return switch_drop_peer_gone;
    const switch_target* own = target_of(ir, sender.way);
    decision.mac = mac_of(target->mac);
    decision.ifindex = target->ifindex;
    decision.vlan = target->vlan;
    const bool guarded = leg != switch_straight;
    const switch_target* addressed = !guarded                              ? target
                                     : sender.source->kind == switch_guard ? own
                                                                           : target_of(ir, receiver.slot);
    const bool to_itself = addressed && ethernet.destination == mac_of(addressed->mac);
    if (to_itself && !guarded) return std::nullopt;
    if (to_itself) {
        // The switch writes another's MAC address into it, which takes a hop.
        decision.routed = true;
        return hops <= 1 ? Refusal(switch_drop_hop_limit) : std::nullopt;
    }
    if (!own || mac_of(own->gateway_mac) == MacBytes{} || ethernet.destination != mac_of(own->gateway_mac))
        return switch_drop_destination_mac;
    if (hops <= 1) return switch_drop_hop_limit;
    decision.routed = true;
    return std::nullopt;
}

Refusal hand_to(const Scene& scene, Slot slot, Decision& decision) {
    const switch_target* target = target_of(scene.ir, slot);
    decision.to = slot;
    if (!target || target->ifindex == 0) return switch_drop_peer_gone;
    if (!is_within_rates(scene.ir, scene.memory, scene.source.slot, 0, scene.ethernet.length))
        return switch_drop_rate;
    decision.verdict = Verdict::passes;
    decision.ifindex = target->ifindex;
    decision.vlan = target->vlan;
    decision.mac = mac_of(target->mac);
    return std::nullopt;
}

}  // namespace bulkhead::vnet::explain
