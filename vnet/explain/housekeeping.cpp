// What a partition and its zone's router say to each other without any rule: DHCP (RFC 2131), DHCPv6 (RFC
// 8415), and a router's solicitation and advertisement (RFC 4861).
#include <algorithm>

#include "vnet/explain/judge.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::explain {
namespace {

constexpr std::size_t bootp_length = 44;  // to the end of the client's hardware address
constexpr std::uint16_t server = 67;
constexpr std::uint16_t client = 68;
constexpr std::uint16_t server6 = 547;
constexpr std::uint16_t client6 = 546;
constexpr std::uint8_t router_solicitation = 133;
constexpr std::uint8_t router_advertisement = 134;

switch_address group(std::uint8_t third_last, std::uint8_t last) {
    return address_of(
        std::array<std::uint8_t, 16>{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, third_last, 0, last});
}

bool talks(const Udp& udp, std::uint16_t from, std::uint16_t to) {
    return udp.from == from && udp.to == to;
}

bool is_for_router(const Scene& scene, const switch_address& to) {
    const switch_endpoint* endpoint = endpoint_of(scene.ir, to);
    return is_router_local(to) || (endpoint && endpoint->slot == scene.source.router);
}

Refusal wrong_request(const Scene& scene, const Ip& ip, const Udp& udp) {
    if (ip.six) {
        const bool right =
            talks(udp, client6, server6) && (same(ip.to, group(1, 2)) || is_for_router(scene, ip.to));
        return right ? std::nullopt : Refusal(switch_drop_dhcp);
    }
    const Octets& bootp = udp.payload;
    const bool right = talks(udp, client, server) && bootp.has(bootp_length) && bootp.u8(0) == 1 &&
                       bootp.u8(1) == 1 && bootp.u8(2) == 6 && bootp.u32(24) == 0 &&
                       bootp.mac(28) == scene.ethernet.source &&
                       (same(ip.to, to_wire(model::Ipv4{0xffffffff})) || is_for_router(scene, ip.to));
    return right ? std::nullopt : Refusal(switch_drop_dhcp);
}

Refusal wrong_router_solicitation(const Scene& scene, const Ip& ip, const Icmp& icmp) {
    const Octets& option = icmp.body;
    if (option.has(8) && option.u8(0) == 1 && (option.u8(1) != 1 || option.mac(2) != scene.ethernet.source))
        return switch_drop_arp_sender;
    if (!same(ip.to, group(0, 2)) && !is_for_router(scene, ip.to)) return switch_drop_neighbour;
    return std::nullopt;
}

// A link-local address belongs to who came with it first, as long as that one is there.
Refusal take_local(const Scene& scene, const switch_address& from, Decision& decision) {
    const switch_source& source = scene.source;
    Learned learned{{source.zone, from}, {source.slot, {}, {}}};
    std::ranges::copy(scene.ethernet.source, learned.value.mac);
    const auto known = scene.memory.locals.find(learned.key);
    if (known != scene.memory.locals.end()) {
        const switch_target* owner = target_of(scene.ir, known->second.slot);
        if (owner && owner->ifindex != 0 && mac_of(owner->mac) == mac_of(known->second.mac))
            return known->second.slot == source.slot ? std::nullopt : Refusal(switch_drop_source_address);
    }
    decision.learned = learned;
    return std::nullopt;
}

Refusal wrong_client(const Scene& scene, const Ip& ip, Decision& decision) {
    const switch_source& source = scene.source;
    if (source.kind != switch_tap || source.dhcp == 0 || source.router == 0)
        return is_dhcp(ip) ? switch_drop_dhcp : switch_drop_neighbour;
    if (!ip.six && same(ip.from, to_wire(model::Ipv4{}))) return std::nullopt;
    if (ip.six && is_none(ip.from)) return is_dhcp(ip) ? Refusal(switch_drop_source_address) : std::nullopt;
    if (ip.six && is_link_local(ip.from)) return take_local(scene, ip.from, decision);
    const auto sender = sender_by_address(scene.ir, scene.arrival, source, scene.ethernet, ip.from);
    return sender ? std::nullopt : Refusal(sender.error());
}

bool asks_for_addresses(const Ir& ir, Slot slot) {
    const switch_target* target = target_of(ir, slot);
    const auto source = ir.sources.find(target ? target->ifindex : 0);
    return source != ir.sources.end() && source->second.slot == slot && source->second.dhcp != 0;
}

Slot member_with(const Ir& ir, std::uint16_t zone, const MacBytes& mac) {
    const auto found = ir.zones.find(zone);
    if (found == ir.zones.end()) return 0;
    const std::size_t count = std::min<std::size_t>(found->second.count, SWITCH_MEMBERS);
    for (const Slot slot : std::span(found->second.member).first(count)) {
        const switch_target* target = target_of(ir, slot);
        if (target && mac_of(target->mac) == mac) return slot;
    }
    return 0;
}

Slot who_has_local(const Scene& scene, const switch_address& address) {
    const auto local = scene.memory.locals.find(switch_local_key{scene.source.zone, address});
    return local == scene.memory.locals.end() ? 0 : local->second.slot;
}

// Whom a DHCP server's answer is for: by the address that it gives and the MAC address that it names
// together; a refusal gives none.
Slot client_of(const Scene& scene, const Ip& ip, const Udp& udp) {
    if (ip.six) return talks(udp, server6, client6) ? who_has_local(scene, ip.to) : 0;
    const Octets& bootp = udp.payload;
    if (!talks(udp, server, client) || !bootp.has(bootp_length) || bootp.u8(0) != 2) return 0;
    if (bootp.u32(16) == 0) return member_with(scene.ir, scene.source.zone, bootp.mac(28));
    const switch_endpoint* guest = endpoint_of(scene.ir, address_of(bootp.array<4>(16)));
    const bool right = guest && guest->zone == scene.source.zone && mac_of(guest->mac) == bootp.mac(28);
    return right ? guest->slot : 0;
}

Refusal judge_answer(const Scene& scene, const Ip& ip, const Udp& udp, Decision& decision) {
    if (!is_link_local(ip.from)) {
        const auto sender = sender_by_address(scene.ir, scene.arrival, scene.source, scene.ethernet, ip.from);
        if (!sender) return sender.error();
    }
    const Slot to = client_of(scene, ip, udp);
    if (to == 0 || !asks_for_addresses(scene.ir, to)) return switch_drop_dhcp;
    return hand_to(scene, to, decision);
}

Refusal judge_advertisement(const Scene& scene, const Ip& ip, Decision& decision) {
    if (scene.source.kind != switch_router || !is_link_local(ip.from)) return switch_drop_neighbour;
    if (!same(ip.to, group(0, 1))) {
        const Slot to = who_has_local(scene, ip.to);
        return to == 0 ? Refusal(switch_drop_unknown_neighbour) : hand_to(scene, to, decision);
    }
    const auto zone = scene.ir.zones.find(scene.source.zone);
    if (zone != scene.ir.zones.end()) {
        const auto count = std::min<std::size_t>(zone->second.count, SWITCH_MEMBERS);
        decision.copies.assign(zone->second.member, zone->second.member + count);
    }
    decision.verdict = Verdict::passes;
    return std::nullopt;
}

}  // namespace

bool is_dhcp(const Ip& ip) {
    const auto* udp = std::get_if<Udp>(&ip.transport);
    if (!udp) return false;
    const std::uint16_t theirs = ip.six ? server6 : server;
    const std::uint16_t ours = ip.six ? client6 : client;
    return udp->from == theirs || udp->from == ours || udp->to == theirs || udp->to == ours;
}

bool is_housekeeping(const Ip& ip) {
    const auto* icmp = std::get_if<Icmp>(&ip.transport);
    const bool router =
        ip.six && icmp && (icmp->type == router_solicitation || icmp->type == router_advertisement);
    return router || is_dhcp(ip);
}

Refusal judge_housekeeping(const Scene& scene, const Ip& ip, Decision& decision) {
    const auto* udp = std::get_if<Udp>(&ip.transport);
    if (udp && scene.source.kind == switch_router) return judge_answer(scene, ip, *udp, decision);
    if (!udp && std::get<Icmp>(ip.transport).type == router_advertisement)
        return judge_advertisement(scene, ip, decision);
    const Refusal wrong = udp ? wrong_request(scene, ip, *udp)
                              : wrong_router_solicitation(scene, ip, std::get<Icmp>(ip.transport));
    if (wrong) return wrong;
    if (const auto drop = wrong_client(scene, ip, decision)) return drop;
    return hand_to(scene, scene.source.router, decision);
}

}  // namespace bulkhead::vnet::explain
