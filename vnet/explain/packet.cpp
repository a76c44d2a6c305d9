#include "vnet/explain/packet.hpp"

#include "vnet/explain/address.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::explain {
namespace {

constexpr std::size_t ipv4_header = 20;
constexpr std::size_t ipv6_header = 40;
constexpr std::size_t tcp_header = 20;
constexpr std::size_t udp_header = 8;
constexpr std::size_t icmp_header = 8;
constexpr std::size_t shortest_frame = 60;  // without the checksum: shorter ones may come padded up to it
constexpr std::uint8_t protocol_icmpv6 = 58;
constexpr std::uint8_t protocol_fragment = 44;

bool is_extension_header(std::uint8_t protocol) {
    for (const int header : {0, 43, 51, 60, 135, 139, 140, 253, 254})
        if (protocol == header) return true;
    return false;
}

Parsed<Tcp> parse_tcp(Octets segment) {
    if (!segment.has(tcp_header)) return std::unexpected(switch_drop_runt);
    const std::size_t header = std::size_t{4} * (segment.u8(12) >> 4);
    if (header < tcp_header || !segment.has(header)) return std::unexpected(switch_drop_malformed);
    const Tcp tcp{segment.u16(0), segment.u16(2), segment.u8(13), segment.u32(4), segment.u32(8)};
    // Segments that no state of RFC 9293 sends.
    if (!tcp.has(Tcp::syn) && !tcp.has(Tcp::ack) && !tcp.has(Tcp::rst))
        return std::unexpected(switch_drop_tcp_state);
    if (int{tcp.has(Tcp::syn)} + int{tcp.has(Tcp::fin)} + int{tcp.has(Tcp::rst)} > 1)
        return std::unexpected(switch_drop_tcp_state);
    return tcp;
}

Parsed<Udp> parse_udp(Octets datagram) {
    if (!datagram.has(udp_header)) return std::unexpected(switch_drop_runt);
    if (datagram.u16(4) != datagram.size()) return std::unexpected(switch_drop_malformed);
    return Udp{datagram.u16(0), datagram.u16(2), datagram.from(udp_header)};
}

Parsed<Icmp> parse_icmp(Octets message) {
    if (!message.has(icmp_header)) return std::unexpected(switch_drop_runt);
    return Icmp{message.u8(0), message.u8(1), message.u16(4), message.from(icmp_header)};
}

// Neighbour discovery never crosses a router (RFC 4861, 6.1 and 7.1).
std::optional<switch_drop> wrong_neighbour_message(const Ip& ip, const Icmp& icmp) {
    if (!ip.six || icmp.type < 133 || icmp.type > 137) return std::nullopt;
    if (ip.hops != 255) return switch_drop_hop_limit;
    if (icmp.code != 0) return switch_drop_malformed;
    return icmp.type == 137 ? std::optional(switch_drop_neighbour) : std::nullopt;
}

// Length of the transport's header, for the size of a super-frame's segments.
Parsed<std::size_t> parse_transport(Ip& ip, Octets payload, bool super_frame) {
    if (ip.protocol == transport_tcp) {
        const auto tcp = parse_tcp(payload);
        if (!tcp) return std::unexpected(tcp.error());
        ip.transport = *tcp;
        return std::size_t{4} * (payload.u8(12) >> 4);
    }
    if (ip.protocol == transport_udp) {
        const auto udp = parse_udp(payload);
        if (!udp) return std::unexpected(udp.error());
        ip.transport = *udp;
        return udp_header;
    }
    if (ip.protocol == (ip.six ? protocol_icmpv6 : transport_icmp)) {
        const auto icmp = parse_icmp(payload);
        if (!icmp) return std::unexpected(icmp.error());
        if (const auto wrong = wrong_neighbour_message(ip, *icmp)) return std::unexpected(*wrong);
        if (super_frame) return std::unexpected(switch_drop_malformed);
        ip.transport = *icmp;
        return icmp_header;
    }
    return udp_header;  // at least, whatever it is
}

// Bytes of the frame; of a super-frame those of what it will be cut into, each piece with all headers.
std::size_t weight_of(const Ethernet& ethernet, std::size_t headers, std::size_t gso_size) {
    if (gso_size == 0 || ethernet.length <= headers) return ethernet.length;
    const std::size_t pieces = (ethernet.length - headers + gso_size - 1) / gso_size;
    return ethernet.length + (pieces - 1) * headers;
}

// The frame must be as long as the packet in it says, but for padding.
bool wrong_length(const Ethernet& ethernet, std::size_t packet) {
    if (packet > ethernet.payload.size()) return true;
    return packet < ethernet.payload.size() && ethernet.length > shortest_frame;
}

// RFC 1071.
bool sums_up(Octets header) {
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < header.size(); at += 2) sum += header.u16(at);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

Parsed<std::size_t> parse_ipv4_header(const Ethernet& ethernet, Ip& ip) {
    const Octets& packet = ethernet.payload;
    if (!packet.has(ipv4_header)) return std::unexpected(switch_drop_runt);
    if (packet.u8(0) >> 4 != 4 || (packet.u8(0) & 15) < 5) return std::unexpected(switch_drop_malformed);
    if ((packet.u8(0) & 15) > 5) return std::unexpected(switch_drop_options);
    // More fragments, or an offset; the reserved bit (RFC 791) is nobody's either.
    if ((packet.u16(6) & 0xbfff) != 0) return std::unexpected(switch_drop_fragment);
    const std::size_t total = packet.u16(2);
    if (total < ipv4_header || wrong_length(ethernet, total) || !sums_up(packet.first(ipv4_header)))
        return std::unexpected(switch_drop_malformed);
    ip.hops = packet.u8(8);
    ip.protocol = packet.u8(9);
    ip.from = address_of(packet.array<4>(12));
    ip.to = address_of(packet.array<4>(16));
    return total;
}

Parsed<std::size_t> parse_ipv6_header(const Ethernet& ethernet, Ip& ip) {
    const Octets& packet = ethernet.payload;
    if (!packet.has(ipv6_header)) return std::unexpected(switch_drop_runt);
    if (packet.u8(0) >> 4 != 6) return std::unexpected(switch_drop_malformed);
    const std::size_t total = ipv6_header + packet.u16(4);
    ip.six = true;
    ip.from = address_of(packet.array<16>(8));
    ip.to = address_of(packet.array<16>(24));
    // IPv4 addresses as IPv6 has them are never on a wire (RFC 4942, 2.2).
    if (wrong_length(ethernet, total) || is_ipv4(ip.from) || is_ipv4(ip.to))
        return std::unexpected(switch_drop_malformed);
    ip.protocol = packet.u8(6);
    if (ip.protocol == protocol_fragment) return std::unexpected(switch_drop_fragment);
    if (is_extension_header(ip.protocol)) return std::unexpected(switch_drop_options);
    ip.hops = packet.u8(7);
    return total;
}

}  // namespace

bool is_group(const MacBytes& mac) {
    return (mac[0] & 1) != 0;
}

std::uint8_t policy_transport(std::uint8_t protocol) {
    return protocol == protocol_icmpv6 ? transport_icmp : protocol;
}

Parsed<Ethernet> parse_ethernet(Octets frame) {
    if (!frame.has(ethernet_header)) return std::unexpected(switch_drop_runt);
    Ethernet ethernet{frame.mac(0), frame.mac(6), std::nullopt, frame.u16(12), frame.from(ethernet_header),
                      frame.size()};
    if (ethernet.ethertype != ethertype_vlan) return ethernet;
    if (!frame.has(ethernet_header + 4)) return std::unexpected(switch_drop_vlan);
    ethernet.tag = frame.u16(14);
    ethernet.ethertype = frame.u16(16);
    ethernet.payload = frame.from(ethernet_header + 4);
    ethernet.length -= 4;
    return ethernet;
}

Parsed<Ip> parse_ip(const Ethernet& ethernet, unsigned gso_size) {
    Ip ip;
    const bool six = ethernet.ethertype == ethertype_ipv6;
    const auto total = six ? parse_ipv6_header(ethernet, ip) : parse_ipv4_header(ethernet, ip);
    if (!total) return std::unexpected(total.error());
    const std::size_t header = six ? ipv6_header : ipv4_header;
    const auto transport = parse_transport(ip, ethernet.payload.first(*total).from(header), gso_size != 0);
    if (!transport) return std::unexpected(transport.error());
    if (gso_size != 0 && header + *transport + gso_size > SWITCH_MTU)
        return std::unexpected(switch_drop_too_long);
    ip.weight = weight_of(ethernet, ethernet_header + header + *transport, gso_size);
    return ip;
}

std::optional<QuotedFlow> quoted_flow(const Ip& ip, const Icmp& icmp) {
    const Octets& quote = icmp.body;
    const std::size_t header = ip.six ? ipv6_header : ipv4_header;
    if (!quote.has(header + 8)) return std::nullopt;
    QuotedFlow flow;
    std::uint8_t protocol = 0;
    if (ip.six) {
        if (quote.u8(0) >> 4 != 6) return std::nullopt;
        protocol = quote.u8(6);
        flow.from = address_of(quote.array<16>(8));
        flow.to = address_of(quote.array<16>(24));
    } else {
        if (quote.u8(0) != 0x45 || (quote.u16(6) & 0x1fff) != 0) return std::nullopt;
        protocol = quote.u8(9);
        flow.from = address_of(quote.array<4>(12));
        flow.to = address_of(quote.array<4>(16));
    }
    const Octets transport = quote.from(header);
    flow.transport = policy_transport(protocol);
    if (protocol == transport_tcp || protocol == transport_udp) {
        flow.from_port = transport.u16(0);
        flow.to_port = transport.u16(2);
    } else if (protocol == (ip.six ? protocol_icmpv6 : transport_icmp)) {
        const std::uint8_t request = ip.six ? 128 : 8;
        const std::uint8_t reply = ip.six ? 129 : 0;
        if (transport.u8(0) != request && transport.u8(0) != reply) return std::nullopt;
        (transport.u8(0) == request ? flow.from_port : flow.to_port) = transport.u16(4);
    } else {
        return std::nullopt;
    }
    return flow;
}

}  // namespace bulkhead::vnet::explain
