#include "vnet/explain/evaluate.hpp"

#include <algorithm>

#include "vnet/explain/judge.hpp"

namespace bulkhead::vnet::explain {
namespace {

constexpr std::uint16_t vlan_id = 0xfff;

bool has_wrong_tag(const Ethernet& ethernet, const switch_source& source) {
    if (ethernet.ethertype == ethertype_vlan || ethernet.ethertype == ethertype_provider_vlan) return true;
    return ethernet.tag && (source.kind != switch_wire || (*ethernet.tag & vlan_id) == 0);
}

bool has_wrong_source(const Ethernet& ethernet, const switch_source& source) {
    if (is_group(ethernet.source)) return true;
    return source.kind != switch_wire && !std::ranges::equal(ethernet.source, source.mac);
}

// Groups that a protocol here needs: broadcast for DHCP, IPv6's own (RFC 2464, 7) for what replaces ARP and
// DHCP.
bool has_wrong_group(const Ethernet& ethernet, const Ip& ip) {
    if (!is_group(ethernet.destination)) return false;
    if (!ip.six) return !is_dhcp(ip) || ethernet.destination != everyone;
    return ethernet.destination[0] != 0x33 || ethernet.destination[1] != 0x33 ||
           !(is_housekeeping(ip) || is_neighbour_message(ip));
}

bool is_ip(const Ethernet& ethernet) {
    return ethernet.ethertype == ethertype_ipv4 || ethernet.ethertype == ethertype_ipv6;
}

Refusal judge_ip(const Scene& scene, const Ip& ip, Decision& decision) {
    // A guard asks for no addresses and no neighbours.
    if (scene.source.kind == switch_guard && (is_housekeeping(ip) || is_neighbour_message(ip)))
        return switch_drop_no_conduit;
    if (is_housekeeping(ip)) return judge_housekeeping(scene, ip, decision);
    if (is_neighbour_message(ip)) return judge_neighbour(scene, ip, decision);
    const auto sender =
        sender_by_address(scene.ir, scene.arrival, scene.source, scene.ethernet, ip.from, is_error(ip));
    if (!sender) return sender.error();
    return judge_flow(scene.ir, *sender, scene.ethernet, ip, scene.memory, decision);
}

Refusal judge(const Ir& ir, const Arrival& arrival, const switch_source& source, const Memory& memory,
              Decision& decision) {
    if (source.kind == switch_mirror) return switch_drop_mirror;
    const auto ethernet = parse_ethernet(Octets(arrival.frame));
    if (!ethernet) return ethernet.error();
    if (has_wrong_tag(*ethernet, source)) return switch_drop_vlan;
    if (arrival.gso_size == 0 && ethernet->length > SWITCH_MTU + ethernet_header) return switch_drop_too_long;
    const Scene scene{ir, arrival, source, *ethernet, memory};
    if (is_ip(*ethernet)) {
        const auto ip = parse_ip(*ethernet, arrival.gso_size);
        if (!ip) return ip.error();
        if (arrival.gso_size != 0 && is_dhcp(*ip)) return switch_drop_malformed;
        if (has_wrong_group(*ethernet, *ip)) return switch_drop_group_destination;
        if (has_wrong_source(*ethernet, source)) return switch_drop_source_mac;
        return judge_ip(scene, *ip, decision);
    }
    const bool arp = ethernet->ethertype == ethertype_arp;
    if (!arp && !is_layer2(ethernet->ethertype)) return switch_drop_ethertype;
    if (arrival.gso_size != 0) return switch_drop_malformed;
    if (has_wrong_source(*ethernet, source)) return switch_drop_source_mac;
    if (source.kind == switch_guard) return switch_drop_no_conduit;
    return arp ? judge_arp(scene, decision) : judge_layer2(scene, decision);
}

}  // namespace

Decision evaluate(const Ir& ir, const Arrival& arrival, const Memory& memory) {
    Decision decision;
    const auto source = ir.sources.find(arrival.ifindex);
    if (source == ir.sources.end()) return decision;
    decision.from = source->second.slot;
    if (const auto drop = judge(ir, arrival, source->second, memory, decision)) {
        decision.verdict = Verdict::dropped;
        decision.reason = *drop;
    }
    return decision;
}

void remember(const Decision& decision, Memory& memory) {
    if (decision.change) memory.take(*decision.change);
    if (decision.learned) memory.locals.insert_or_assign(decision.learned->key, decision.learned->value);
}

std::vector<std::uint8_t> as_delivered(std::span<const std::uint8_t> frame, const Decision& decision) {
    constexpr std::size_t tag_length = 4;
    constexpr std::ptrdiff_t addresses = 12;
    std::vector<std::uint8_t> bytes(frame.begin(), frame.end());
    const Octets octets(frame);
    if (octets.has(ethernet_header + tag_length) && octets.u16(addresses) == ethertype_vlan)
        bytes.erase(bytes.begin() + addresses, bytes.begin() + addresses + tag_length);
    if (bytes.size() < ethernet_header) return bytes;
    std::ranges::copy(decision.mac, bytes.begin());
    if (decision.vlan != 0) {
        const std::array<std::uint8_t, tag_length> tag{ethertype_vlan >> 8, ethertype_vlan & 0xff,
                                                       static_cast<std::uint8_t>(decision.vlan >> 8),
                                                       static_cast<std::uint8_t>(decision.vlan)};
        bytes.insert(bytes.begin() + addresses, tag.begin(), tag.end());
    }
    return bytes;
}

}  // namespace bulkhead::vnet::explain
