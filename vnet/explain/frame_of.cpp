// Bytes of a frame that words describe.
#include "vnet/explain/address.hpp"
#include "vnet/explain/words.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet::explain {
namespace {

using Frame = std::vector<std::uint8_t>;

void put8(Frame& frame, unsigned value) {
    frame.push_back(static_cast<std::uint8_t>(value));
}
void put16(Frame& frame, unsigned value) {
    put8(frame, value >> 8);
    put8(frame, value);
}
void put32(Frame& frame, std::uint32_t value) {
    put16(frame, value >> 16);
    put16(frame, value & 0xffff);
}
template <class Bytes>
void put(Frame& frame, const Bytes& bytes) {
    frame.insert(frame.end(), bytes.begin(), bytes.end());
}
void put_address(Frame& frame, const switch_address& address) {
    const auto bytes = bytes_of(address);
    frame.insert(frame.end(), bytes.begin() + (is_ipv4(address) ? 12 : 0), bytes.end());
}

// RFC 1071, over bytes from `begin` on.
std::uint16_t sum_of(std::span<const std::uint8_t> frame, std::size_t begin, std::uint32_t sum = 0) {
    for (std::size_t at = begin; at < frame.size(); ++at)
        sum += static_cast<std::uint32_t>(frame[at]) << ((at - begin) % 2 == 0 ? 8 : 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

void set16(Frame& frame, std::size_t at, std::uint16_t value) {
    frame[at] = static_cast<std::uint8_t>(value >> 8);
    frame[at + 1] = static_cast<std::uint8_t>(value);
}

std::uint8_t protocol_of(const Words& words) {
    if (words.speech == Speech::tcp) return transport_tcp;
    if (words.speech == Speech::udp) return transport_udp;
    return is_ipv4(words.from) ? transport_icmp : 58;
}

Frame echo_of(const Words& words) {
    Frame echo;
    const bool request = words.speech == Speech::icmp;
    put8(echo, is_ipv4(words.from) ? (request ? 8 : 0) : (request ? 128 : 129));
    put8(echo, 0);
    put16(echo, 0);
    put16(echo, words.from_port);
    put16(echo, 1);
    return echo;
}

Frame solicitation_of(const Words& words, const Wrapping& wrapping) {
    Frame message{135, 0, 0, 0, 0, 0, 0, 0};
    put_address(message, words.to);
    put8(message, 1);
    put8(message, 1);
    put(message, wrapping.source);
    return message;
}

Frame transport_of(const Words& words, const Wrapping& wrapping) {
    if (words.speech == Speech::arp) return solicitation_of(words, wrapping);
    if (words.speech != Speech::tcp && words.speech != Speech::udp) return echo_of(words);
    Frame segment;
    put16(segment, words.from_port);
    put16(segment, words.to_port);
    if (words.speech == Speech::udp) {
        put16(segment, 8);
        put16(segment, 0);
        return segment;
    }
    put32(segment, words.sequence);
    put32(segment, words.acknowledged);
    put8(segment, 5 << 4);
    put8(segment, words.flags);
    put16(segment, 65535);
    put32(segment, 0);
    return segment;
}

std::size_t checksum_at(const Words& words) {
    if (words.speech == Speech::tcp) return 16;
    return words.speech == Speech::udp ? 6 : 2;
}

// With the pseudo header, where the protocol wants it (RFC 9293, 768, 8200 8.1).
void seal(const Words& words, Frame& transport) {
    std::uint32_t pseudo = 0;
    if (protocol_of(words) != transport_icmp) {
        Frame ends;
        put_address(ends, words.from);
        put_address(ends, words.to);
        put16(ends, protocol_of(words));
        put16(ends, static_cast<unsigned>(transport.size()));
        pseudo = static_cast<std::uint16_t>(~sum_of(ends, 0));
    }
    std::uint16_t sum = sum_of(transport, 0, pseudo);
    if (words.speech == Speech::udp && sum == 0) sum = 0xffff;
    set16(transport, checksum_at(words), sum);
}

void put_ip_header(Frame& frame, const Words& words, std::size_t length) {
    const std::size_t begin = frame.size();
    const unsigned hops = words.speech == Speech::arp ? 255 : words.hops;
    if (!is_ipv4(words.from)) {
        put32(frame, 6U << 28);
        put16(frame, static_cast<unsigned>(length));
        put8(frame, protocol_of(words));
        put8(frame, hops);
    } else {
        put16(frame, 0x4500);
        put16(frame, static_cast<unsigned>(20 + length));
        put32(frame, 0x00004000);  // don't fragment
        put8(frame, hops);
        put8(frame, protocol_of(words));
        put16(frame, 0);
    }
    put_address(frame, words.from);
    put_address(frame, words.to);
    if (is_ipv4(words.from)) set16(frame, begin + 10, sum_of(frame, begin));
}

void put_arp(Frame& frame, const Words& words, const Wrapping& wrapping) {
    put16(frame, 1);
    put16(frame, ethertype_ipv4);
    put16(frame, 0x0604);
    put16(frame, 1);
    put(frame, wrapping.source);
    put_address(frame, words.from);
    put(frame, MacBytes{});
    put_address(frame, words.to);
}

}  // namespace

std::vector<std::uint8_t> frame_of(const Words& words, const Wrapping& wrapping) {
    Frame frame;
    put(frame, wrapping.destination);
    put(frame, wrapping.source);
    if (wrapping.vlan != 0) {
        put16(frame, ethertype_vlan);
        put16(frame, wrapping.vlan);
    }
    const bool four = is_ipv4(words.from);
    if (words.speech == Speech::arp && four) {
        put16(frame, ethertype_arp);
        put_arp(frame, words, wrapping);
        return frame;
    }
    put16(frame, four ? ethertype_ipv4 : ethertype_ipv6);
    Frame transport = transport_of(words, wrapping);
    seal(words, transport);
    put_ip_header(frame, words, transport.size());
    put(frame, transport);
    return frame;
}

void settle_lengths(std::vector<std::uint8_t>& frame) {
    constexpr std::size_t ethernet = 14;
    const bool four = frame.size() > ethernet && frame[ethernet] >> 4 == 4;
    const std::size_t header = ethernet + (four ? 20 : 40);
    if (frame.size() < header + 8) return;
    set16(frame, ethernet + (four ? 2 : 4),
          static_cast<std::uint16_t>(frame.size() - (four ? ethernet : header)));
    if (frame[ethernet + (four ? 9 : 6)] == transport_udp) {
        set16(frame, header + 4, static_cast<std::uint16_t>(frame.size() - header));
        set16(frame, header + 6, 0);  // not computed; IPv4 allows that
    }
    if (!four) return;
    set16(frame, ethernet + 10, 0);
    set16(frame, ethernet + 10, sum_of(std::span(frame).subspan(ethernet, header - ethernet), 0));
}

}  // namespace bulkhead::vnet::explain
