#include "tests/vnet/frames.hpp"

#include <algorithm>

namespace bulkhead::vnet::test {
namespace {

Bytes ethernet(const model::Port& from, const model::Port& to, unsigned ethertype, std::size_t payload) {
    Bytes frame(14 + payload);
    std::ranges::copy(to.mac.bytes, frame.begin() + offset::destination_mac);
    std::ranges::copy(from.mac.bytes, frame.begin() + offset::source_mac);
    put16(frame, offset::ethertype, ethertype);
    return frame;
}

Bytes ipv4(const model::Port& from, const model::Port& to, std::uint8_t protocol, std::size_t payload) {
    Bytes frame = ethernet(from, to, 0x0800, 20 + payload);
    frame[offset::ip] = 0x45;
    put16(frame, offset::total_length, static_cast<unsigned>(20 + payload));
    frame[22] = 64;
    frame[offset::protocol] = protocol;
    put32(frame, offset::source_address, from.address.bits);
    put32(frame, offset::destination_address, to.address.bits);
    return sealed(std::move(frame));
}

Bytes arp(const model::Port& from, const model::Port& to, unsigned operation) {
    Bytes frame = ethernet(from, to, 0x0806, 28);
    put16(frame, 14, 1);
    put16(frame, 16, 0x0800);
    frame[18] = 6;
    frame[19] = 4;
    put16(frame, offset::arp_operation, operation);
    std::ranges::copy(from.mac.bytes, frame.begin() + offset::arp_sender_mac);
    put32(frame, offset::arp_sender_address, from.address.bits);
    put32(frame, offset::arp_target_address, to.address.bits);
    return frame;
}

}  // namespace

void put16(Bytes& frame, std::size_t at, unsigned value) {
    frame[at] = static_cast<std::uint8_t>(value >> 8);
    frame[at + 1] = static_cast<std::uint8_t>(value);
}

void put32(Bytes& frame, std::size_t at, std::uint32_t value) {
    put16(frame, at, value >> 16);
    put16(frame, at + 2, value & 0xffff);
}

Bytes tcp(const model::Port& from, const model::Port& to, unsigned source_port, unsigned destination_port,
          std::uint8_t flags, std::size_t payload) {
    Bytes frame = ipv4(from, to, 6, 20 + payload);
    put16(frame, offset::transport, source_port);
    put16(frame, offset::transport + 2, destination_port);
    frame[offset::tcp_data_offset] = 0x50;
    frame[offset::tcp_flags] = flags;
    return frame;
}

Bytes udp(const model::Port& from, const model::Port& to, unsigned source_port, unsigned destination_port,
          std::size_t payload) {
    Bytes frame = ipv4(from, to, 17, 8 + payload);
    put16(frame, offset::transport, source_port);
    put16(frame, offset::transport + 2, destination_port);
    put16(frame, offset::transport + 4, static_cast<unsigned>(8 + payload));
    return frame;
}

Bytes icmp(const model::Port& from, const model::Port& to, unsigned type) {
    Bytes frame = ipv4(from, to, 1, 40);
    frame[offset::transport] = static_cast<std::uint8_t>(type);
    return frame;
}

Bytes arp_request(const model::Port& from, const model::Port& to) {
    Bytes frame = arp(from, to, 1);
    std::fill_n(frame.begin(), 6, std::uint8_t{0xff});
    return frame;
}

Bytes arp_reply(const model::Port& from, const model::Port& to) {
    Bytes frame = arp(from, to, 2);
    std::ranges::copy(to.mac.bytes, frame.begin() + 32);
    return frame;
}

Bytes tagged(const Bytes& frame, unsigned tpid, unsigned tag) {
    Bytes longer(frame.size() + 4);
    std::copy_n(frame.begin(), 12, longer.begin());
    put16(longer, 12, tpid);
    put16(longer, 14, tag);
    std::copy(frame.begin() + 12, frame.end(), longer.begin() + 16);
    return longer;
}

Bytes numbered(Bytes tcp, std::uint32_t sequence, std::uint32_t acknowledged) {
    put32(tcp, offset::transport + 4, sequence);
    put32(tcp, offset::transport + 8, acknowledged);
    return tcp;
}

Bytes sealed(Bytes frame) {
    put16(frame, 24, 0);
    std::uint32_t sum = 0;
    for (std::size_t at = offset::ip; at < offset::transport; at += 2)
        sum += static_cast<std::uint32_t>(frame[at] << 8 | frame[at + 1]);
    sum = (sum & 0xffff) + (sum >> 16);
    put16(frame, 24, ~((sum & 0xffff) + (sum >> 16)));
    return frame;
}

Ends ends(const model::Port& from, const model::Port& to) {
    return {from.mac, from.address6.value_or(model::Ipv6{}), to.mac, to.address6.value_or(model::Ipv6{})};
}

Bytes ipv6(const Ends& ends, std::uint8_t next_header, const Bytes& payload, std::uint8_t hop_limit) {
    Bytes frame(54);
    std::ranges::copy(ends.to_mac.bytes, frame.begin());
    std::ranges::copy(ends.from_mac.bytes, frame.begin() + 6);
    put16(frame, offset::ethertype, 0x86dd);
    frame[14] = 0x60;
    put16(frame, 18, static_cast<unsigned>(payload.size()));
    frame[20] = next_header;
    frame[21] = hop_limit;
    std::ranges::copy(ends.from.bytes, frame.begin() + 22);
    std::ranges::copy(ends.to.bytes, frame.begin() + 38);
    frame.insert(frame.end(), payload.begin(), payload.end());
    return frame;
}

Bytes tcp6(const Ends& ends, unsigned source_port, unsigned destination_port, std::uint8_t flags) {
    Bytes segment(30);
    put16(segment, 0, source_port);
    put16(segment, 2, destination_port);
    segment[12] = 0x50;
    segment[13] = flags;
    return ipv6(ends, 6, segment);
}

Bytes udp6(const Ends& ends, unsigned source_port, unsigned destination_port) {
    Bytes datagram(18);
    put16(datagram, 0, source_port);
    put16(datagram, 2, destination_port);
    put16(datagram, 4, 18);
    return ipv6(ends, 17, datagram);
}

Bytes icmp6(const Ends& ends, std::uint8_t type, const Bytes& body, std::uint8_t hop_limit) {
    Bytes message{type, 0, 0, 0};
    message.insert(message.end(), body.begin(), body.end());
    return ipv6(ends, 58, message, hop_limit);
}

Bytes solicitation(const model::Mac& mac, const model::Ipv6& from, const model::Ipv6& target) {
    const auto& t = target.bytes;
    model::Ipv6 group = address6("ff02::1:ff00:0");
    std::copy(t.begin() + 13, t.end(), group.bytes.begin() + 13);
    Bytes body(4);
    body.insert(body.end(), t.begin(), t.end());
    if (from != model::Ipv6{}) {
        body.insert(body.end(), {1, 1});
        body.insert(body.end(), mac.bytes.begin(), mac.bytes.end());
    }
    return icmp6({mac, from, model::Mac{{0x33, 0x33, 0xff, t[13], t[14], t[15]}}, group}, 135, body);
}

Bytes advertisement(const Ends& ends, const model::Ipv6& target, const model::Mac& mac) {
    Bytes body{0x60, 0, 0, 0};
    body.insert(body.end(), target.bytes.begin(), target.bytes.end());
    body.insert(body.end(), {2, 1});
    body.insert(body.end(), mac.bytes.begin(), mac.bytes.end());
    return icmp6(ends, 136, body);
}

Bytes dhcp_request(const model::Port& from, const model::Mac& client) {
    model::Port nobody = from;
    nobody.address = {};
    model::Port all = from;
    all.mac = everyone;
    all.address = model::Ipv4{0xffffffff};
    Bytes frame = udp(nobody, all, 68, 67, 244);
    frame[42] = 1;  // of a client
    frame[43] = 1;  // Ethernet
    frame[44] = 6;
    std::ranges::copy(client.bytes, frame.begin() + 70);
    return frame;
}

Bytes dhcp_reply(const model::Port& server, const model::Mac& client, model::Ipv4 address) {
    model::Port to = server;
    to.mac = client;
    to.address = address;
    Bytes frame = udp(server, to, 67, 68, 244);
    frame[42] = 2;
    frame[43] = 1;
    frame[44] = 6;
    put32(frame, 58, address.bits);
    std::ranges::copy(client.bytes, frame.begin() + 70);
    return frame;
}

model::Ipv6 address6(const char* text) {
    return *model::parse_ipv6(text);
}

}  // namespace bulkhead::vnet::test
