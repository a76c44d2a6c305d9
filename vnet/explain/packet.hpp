// A frame taken apart by itself, without asking whose it is: Ethernet, then what it carries. Written from the
// standards (IEEE 802.3, 802.1Q; RFC 791, 8200, 9293, 768, 792, 4443), and on purpose not from the BPF
// program.
#pragma once

#include <expected>
#include <optional>
#include <variant>

#include "vnet/explain/octets.hpp"

namespace bulkhead::vnet::explain {

inline constexpr std::size_t ethernet_header = 14;  // without a tag

inline constexpr std::uint16_t ethertype_ipv4 = 0x0800;
inline constexpr std::uint16_t ethertype_arp = 0x0806;
inline constexpr std::uint16_t ethertype_ipv6 = 0x86dd;
inline constexpr std::uint16_t ethertype_vlan = 0x8100;           // 802.1Q
inline constexpr std::uint16_t ethertype_provider_vlan = 0x88a8;  // 802.1ad

inline constexpr std::uint8_t transport_icmp = 1;  // ICMPv6 too, as in switch_flow
inline constexpr std::uint8_t transport_tcp = 6;
inline constexpr std::uint8_t transport_udp = 17;

struct Ethernet {
    MacBytes destination{};
    MacBytes source{};
    std::optional<std::uint16_t> tag;  // all 16 bits of the first 802.1Q tag
    std::uint16_t ethertype = 0;       // behind that tag
    Octets payload{{}};
    std::size_t length = 0;  // of the frame without its tag
};

struct Tcp {
    static constexpr std::uint8_t fin = 1;
    static constexpr std::uint8_t syn = 2;
    static constexpr std::uint8_t rst = 4;
    static constexpr std::uint8_t ack = 16;
    std::uint16_t from = 0;
    std::uint16_t to = 0;
    std::uint8_t flags = 0;
    std::uint32_t sequence = 0;
    std::uint32_t acknowledged = 0;
    bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

struct Udp {
    std::uint16_t from = 0;
    std::uint16_t to = 0;
    Octets payload{{}};
};

struct Icmp {
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint16_t identifier = 0;
    Octets body{{}};  // behind the first eight bytes
};

struct Unknown {};  // another protocol over IP

struct Ip {
    bool six = false;
    switch_address from{};
    switch_address to{};
    std::uint8_t hops = 0;      // time to live, hop limit
    std::uint8_t protocol = 0;  // as on the wire: ICMPv6 is 58
    std::size_t weight = 0;     // the frame's bytes; of a super-frame, those of its segments
    std::variant<Unknown, Tcp, Udp, Icmp> transport;
};

// Why a frame says nothing that could be judged.
template <class T>
using Parsed = std::expected<T, switch_drop>;

Parsed<Ethernet> parse_ethernet(Octets frame);
// `gso_size`: payload of each segment, if the frame is a super-frame; else 0.
Parsed<Ip> parse_ip(const Ethernet& ethernet, unsigned gso_size);

// The flow that an ICMP error is about: its own source is `from`. Nothing if too little of it is quoted.
struct QuotedFlow {
    switch_address from{};
    switch_address to{};
    std::uint8_t transport = 0;
    std::uint16_t from_port = 0;  // ICMP echo: the identifier for who asks, 0 for who answers
    std::uint16_t to_port = 0;
};
std::optional<QuotedFlow> quoted_flow(const Ip& ip, const Icmp& icmp);

bool is_group(const MacBytes& mac);
inline constexpr MacBytes everyone{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
std::uint8_t policy_transport(std::uint8_t protocol);

}  // namespace bulkhead::vnet::explain
