// Frames by hand, right by default; a test bends what it is about.
#pragma once

#include <cstdint>
#include <vector>

#include "model/resources.hpp"

namespace bulkhead::vnet::test {

using Bytes = std::vector<std::uint8_t>;

void put16(Bytes& frame, std::size_t at, unsigned value);
void put32(Bytes& frame, std::size_t at, std::uint32_t value);

// Offsets in an Ethernet frame that carries IPv4 without options.
namespace offset {
inline constexpr std::size_t destination_mac = 0;
inline constexpr std::size_t source_mac = 6;
inline constexpr std::size_t ethertype = 12;
inline constexpr std::size_t ip = 14;
inline constexpr std::size_t total_length = 16;
inline constexpr std::size_t fragment = 20;
inline constexpr std::size_t protocol = 23;
inline constexpr std::size_t source_address = 26;
inline constexpr std::size_t destination_address = 30;
inline constexpr std::size_t transport = 34;
inline constexpr std::size_t tcp_data_offset = 46;
inline constexpr std::size_t tcp_flags = 47;
inline constexpr std::size_t arp_operation = 20;
inline constexpr std::size_t arp_sender_mac = 22;
inline constexpr std::size_t arp_sender_address = 28;
inline constexpr std::size_t arp_target_address = 38;
}  // namespace offset

inline constexpr std::uint8_t fin = 0x01;
inline constexpr std::uint8_t syn = 0x02;
inline constexpr std::uint8_t rst = 0x04;
inline constexpr std::uint8_t ack = 0x10;

// `to` gives the destination's MAC and IPv4 address.
Bytes tcp(const model::Port& from, const model::Port& to, unsigned source_port, unsigned destination_port,
          std::uint8_t flags = ack, std::size_t payload = 10);
inline Bytes opening(const model::Port& from, const model::Port& to, unsigned source_port,
                     unsigned destination_port) {
    return tcp(from, to, source_port, destination_port, syn);
}
// Of a connection: sequence and acknowledgement.
Bytes numbered(Bytes tcp, std::uint32_t sequence, std::uint32_t acknowledged);
Bytes udp(const model::Port& from, const model::Port& to, unsigned source_port, unsigned destination_port,
          std::size_t payload = 10);
Bytes icmp(const model::Port& from, const model::Port& to, unsigned type);
Bytes arp_request(const model::Port& from, const model::Port& to);  // to everyone
Bytes arp_reply(const model::Port& from, const model::Port& to);

// With the checksum of its IPv4 header put right again.
Bytes sealed(Bytes frame);

// IPv6, from and to whatever is named.
struct Ends {
    model::Mac from_mac;
    model::Ipv6 from;
    model::Mac to_mac;
    model::Ipv6 to;
};
Ends ends(const model::Port& from, const model::Port& to);
Bytes ipv6(const Ends& ends, std::uint8_t next_header, const Bytes& payload, std::uint8_t hop_limit = 64);
Bytes tcp6(const Ends& ends, unsigned source_port, unsigned destination_port, std::uint8_t flags = syn);
Bytes udp6(const Ends& ends, unsigned source_port, unsigned destination_port);
// ICMPv6: type, code 0, and what follows the checksum.
Bytes icmp6(const Ends& ends, std::uint8_t type, const Bytes& body, std::uint8_t hop_limit = 255);
// RFC 4861: to the target's solicited-node group; with the sender's MAC address as an option, unless `from`
// is the unspecified address.
Bytes solicitation(const model::Mac& mac, const model::Ipv6& from, const model::Ipv6& target);
Bytes advertisement(const Ends& ends, const model::Ipv6& target, const model::Mac& mac);

// RFC 2131: a message of a client to everyone, or of a server to a client.
Bytes dhcp_request(const model::Port& from, const model::Mac& client);
Bytes dhcp_reply(const model::Port& server, const model::Mac& client, model::Ipv4 address);

model::Ipv6 address6(const char* text);
inline const model::Mac everyone{{255, 255, 255, 255, 255, 255}};

// The frame with a tag (802.1Q clause 9) after its addresses.
Bytes tagged(const Bytes& frame, unsigned tpid, unsigned tag);

}  // namespace bulkhead::vnet::test
