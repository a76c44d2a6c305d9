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
    std::uint32_t sum = 0;
    for (std::size_t at = offset::ip; at < offset::transport; at += 2)
        sum += static_cast<std::uint32_t>(frame[at] << 8 | frame[at + 1]);
    sum = (sum & 0xffff) + (sum >> 16);
    put16(frame, 24, ~((sum & 0xffff) + (sum >> 16)));
    return frame;
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

}  // namespace bulkhead::vnet::test
