#include "vnet/explain/second_check.hpp"

#include <algorithm>

#include "vnet/explain/address.hpp"
#include "vnet/explain/judge.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::explain {
namespace {

constexpr std::uint8_t icmpv6 = 58;
constexpr std::uint8_t advertisement = 136;
constexpr std::uint16_t arp_reply = 2;

struct Seen {
    const Ethernet& ethernet;
    std::uint16_t tag = 0;
    switch_address source{};
    switch_address destination{};
    std::uint8_t protocol = 0;
    Octets transport{{}};
};

bool is_for(const Ethernet& ethernet, const MacBytes& mac) {
    return ethernet.destination == mac;
}

std::optional<Seen> look_at(const Ethernet& ethernet) {
    Seen seen{ethernet, static_cast<std::uint16_t>(ethernet.tag.value_or(0) & 0xfff)};
    const Octets& packet = ethernet.payload;
    if (ethernet.ethertype == ethertype_ipv4 && packet.has(24)) {
        seen.source = address_of(packet.array<4>(12));
        seen.destination = address_of(packet.array<4>(16));
        seen.protocol = packet.u8(9);
        seen.transport = packet.from(20);
        return seen;
    }
    if (ethernet.ethertype == ethertype_ipv6 && packet.has(44)) {
        seen.source = address_of(packet.array<16>(8));
        seen.destination = address_of(packet.array<16>(24));
        seen.protocol = packet.u8(6);
        seen.transport = packet.from(40);
        return seen;
    }
    if (!is_layer2(ethernet.ethertype) || !packet.has(24)) return std::nullopt;
    seen.source = switch_mac_as_address(ethernet.source.data());
    seen.destination = is_group(ethernet.destination) ? switch_group_as_address(seen.tag)
                                                      : switch_mac_as_address(ethernet.destination.data());
    return seen;
}

// What the switch itself says comes back to who asked.
bool is_own_answer(const Leaving& leaving, const switch_door& door, const Ethernet& ethernet) {
    if (leaving.came != leaving.goes) return false;
    if (door.kind != switch_wire && !is_for(ethernet, mac_of(door.mac))) return false;
    const Octets& packet = ethernet.payload;
    if (ethernet.ethertype == ethertype_arp) return packet.has(28) && packet.u16(6) == arp_reply;
    return ethernet.ethertype == ethertype_ipv6 && packet.u8(6) == icmpv6 && packet.has(41) &&
           packet.u8(40) == advertisement;
}

bool is_housekeeping_between(const Seen& seen, const switch_door& from, const switch_door& to) {
    if (from.zone != to.zone || seen.tag != 0 || !is_for(seen.ethernet, mac_of(to.mac))) return false;
    const bool asks = from.kind == switch_tap && to.kind == switch_router;
    const bool answers = from.kind == switch_router && to.kind == switch_tap;
    if (!asks && !answers) return false;
    const bool six = seen.ethernet.ethertype == ethertype_ipv6;
    if (six && seen.protocol == icmpv6) return seen.transport.u8(0) == (asks ? 133 : 134);
    if (seen.protocol != transport_udp) return false;
    const std::uint16_t server = six ? 547 : 67;
    const std::uint16_t client = six ? 546 : 68;
    return seen.transport.u16(0) == (asks ? client : server) &&
           seen.transport.u16(2) == (asks ? server : client);
}

const switch_arrival* arrival_of(const Ir& ir, std::uint32_t ifindex, const switch_address& address) {
    const auto found = ir.arrivals.find(switch_arrival_key{ifindex, address});
    return found == ir.arrivals.end() ? nullptr : &found->second;
}

bool may_pass(const Ir& ir, std::uint32_t from, std::uint32_t to) {
    return ir.passages.contains(switch_pair{from, to});
}

// A door of a tap says by itself who may be sent something there.
bool is_taps_own(const Seen& seen, const switch_door& to) {
    return to.kind == switch_tap && seen.tag == 0 && is_for(seen.ethernet, mac_of(to.mac)) &&
           !is_none(seen.destination) &&
           (same(seen.destination, to.address) || same(seen.destination, to.address6));
}

bool may_leave(const Ir& ir, const Leaving& leaving, const Seen& seen, const switch_door& from,
               const switch_door& to) {
    if (is_housekeeping_between(seen, from, to)) return true;
    std::uint16_t zone = from.zone;
    if (from.kind == switch_wire) {
        const switch_arrival* host = arrival_of(ir, leaving.came, seen.source);
        if (!host) return false;
        zone = host->zone;
    }
    if (from.kind == switch_guard) {  // in the name of whoever is somewhere
        const switch_arrival* end = arrival_of(ir, 0, seen.source);
        if (!end) return false;
        zone = end->zone;
    }
    if (to.kind == switch_guard) {
        const switch_arrival* meant = arrival_of(ir, 0, seen.destination);
        return meant && seen.protocol == transport_tcp && seen.tag == 0 &&
               is_for(seen.ethernet, mac_of(to.mac)) && may_pass(ir, zone, meant->zone);
    }
    if (is_taps_own(seen, to) && may_pass(ir, zone, to.zone)) return true;
    if (to.kind == switch_mirror) return may_pass(ir, zone, to.zone);
    if (const switch_arrival* arrival = arrival_of(ir, leaving.goes, seen.destination)) {
        const bool group = is_group(seen.ethernet.destination);
        return arrival->vlan == seen.tag && (group || is_for(seen.ethernet, mac_of(arrival->mac))) &&
               may_pass(ir, zone, arrival->zone);
    }
    return to.anyone != 0 && seen.tag == 0 && is_for(seen.ethernet, mac_of(to.mac)) &&
           !arrival_of(ir, 0, seen.destination) && may_pass(ir, zone, to.zone);
}

}  // namespace

std::optional<switch_drop> check_again(const Ir& ir, const Leaving& leaving) {
    const auto to = ir.doors.find(leaving.goes);
    if (to == ir.doors.end()) return switch_drop_not_a_port;
    const auto from = ir.doors.find(leaving.came);
    if (leaving.came == 0 || from == ir.doors.end()) return switch_drop_from_host;
    const auto ethernet = parse_ethernet(Octets(leaving.frame));
    if (!ethernet) return switch_drop_second_check;
    if (is_own_answer(leaving, to->second, *ethernet)) return std::nullopt;
    const auto seen = look_at(*ethernet);
    if (!seen || !may_leave(ir, leaving, *seen, from->second, to->second)) return switch_drop_second_check;
    return std::nullopt;
}

}  // namespace bulkhead::vnet::explain
