// Who has that address? Asked by ARP (RFC 826) and ND (RFC 4861), and answered by the switch itself.
#include "vnet/explain/judge.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::explain {
namespace {

constexpr std::size_t arp_length = 28;
constexpr std::uint16_t arp_request = 1;
constexpr std::uint8_t neighbour_solicitation = 135;
constexpr std::uint8_t neighbour_advertisement = 136;
constexpr std::uint8_t source_link_layer = 1;  // option: the MAC address of who asks

// Whoever asks, by an address that must be its own.
Parsed<Sender> asker(const Scene& scene, const switch_address& says) {
    const auto sender = sender_by_address(scene.ir, scene.arrival, scene.source, scene.ethernet, says);
    // A router asks for itself and not for those beyond it.
    if (!sender || (scene.source.kind == switch_router && sender->slot != scene.source.slot))
        return std::unexpected(switch_drop_arp_sender);
    return sender;
}

Refusal answer(const Scene& scene, const Sender& sender, const switch_address& target, Decision& decision) {
    const Ir& ir = scene.ir;
    decision.from = sender.slot;
    const switch_target* own = target_of(ir, sender.way);
    if (!own) return switch_drop_unknown_neighbour;
    const MacBytes gateway = mac_of(own->gateway_mac);
    const bool has_gateway = gateway != MacBytes{};
    const switch_endpoint* peer = endpoint_of(ir, target);
    const bool is_gateway = has_gateway && peer && peer->zone == sender.zone && mac_of(peer->mac) == gateway;
    const bool may_know = peer && (is_gateway || may_resolve(ir, sender.slot, peer->slot));
    if (!may_know && !(has_gateway && is_router_local(target))) return switch_drop_unknown_neighbour;
    if (peer) decision.to = peer->slot;
    decision.verdict = Verdict::answered;
    decision.ifindex = scene.arrival.ifindex;
    return std::nullopt;
}

bool is_multicast(const switch_address& address) {
    return bytes_of(address)[0] == 0xff;
}

Refusal wrong_solicitation(const Scene& scene, const Icmp& icmp) {
    if (!icmp.body.has(16)) return switch_drop_runt;
    const switch_address target = address_of(icmp.body.array<16>(0));
    if (is_ipv4(target) || is_multicast(target)) return switch_drop_malformed;
    const Octets option = icmp.body.from(16);
    const bool named = option.has(8) && option.u8(0) == source_link_layer;
    if (named && (option.u8(1) != 1 || option.mac(2) != scene.ethernet.source)) return switch_drop_arp_sender;
    return std::nullopt;
}

}  // namespace

Refusal judge_arp(const Scene& scene, Decision& decision) {
    const Octets& arp = scene.ethernet.payload;
    const MacBytes& destination = scene.ethernet.destination;
    if (!arp.has(arp_length)) return switch_drop_runt;
    if (arp.u16(0) != 1 || arp.u16(2) != ethertype_ipv4 || arp.u8(4) != 6 || arp.u8(5) != 4)
        return switch_drop_malformed;
    if (is_group(destination) && destination != everyone) return switch_drop_group_destination;
    if (arp.mac(8) != scene.ethernet.source) return switch_drop_arp_sender;
    const switch_address target = address_of(arp.array<4>(24));
    const bool probe = arp.u32(14) == 0;  // RFC 5227
    const switch_address says = probe ? target : address_of(arp.array<4>(14));
    const auto sender = asker(scene, says);
    if (!sender) return sender.error();
    decision.from = sender->slot;
    if (same(says, target)) {
        decision.verdict = Verdict::absorbed;
        return std::nullopt;
    }
    if (arp.u16(6) != arp_request) return switch_drop_arp_operation;
    return answer(scene, *sender, target, decision);
}

bool is_neighbour_message(const Ip& ip) {
    const auto* icmp = std::get_if<Icmp>(&ip.transport);
    return ip.six && icmp && (icmp->type == neighbour_solicitation || icmp->type == neighbour_advertisement);
}

Refusal judge_neighbour(const Scene& scene, const Ip& ip, Decision& decision) {
    const Icmp& icmp = std::get<Icmp>(ip.transport);
    if (icmp.type != neighbour_solicitation) return switch_drop_neighbour;
    if (const auto wrong = wrong_solicitation(scene, icmp)) return wrong;
    const switch_address target = address_of(icmp.body.array<16>(0));
    const bool probe = is_none(ip.from);  // RFC 4862, 5.4
    const switch_address says = probe ? target : ip.from;
    const switch_source& source = scene.source;
    Sender sender{&source, source.slot, source.slot, source.tenant, source.zone, source.router};
    // Nobody but the asker itself knows its link-local address.
    if (!is_link_local(says) || (!probe && source.kind == switch_wire)) {
        const auto known = asker(scene, says);
        if (!known) return known.error();
        sender = *known;
    }
    decision.from = sender.slot;
    if (probe || same(says, target)) {
        decision.verdict = Verdict::absorbed;
        return std::nullopt;
    }
    return answer(scene, sender, target, decision);
}

}  // namespace bulkhead::vnet::explain
