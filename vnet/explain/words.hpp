// A frame in words, as people ask about it and as answers name it: tcp 10.20.1.5:40000 > 10.20.9.2:8883.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "vnet/explain/packet.hpp"
#include "vnet/ir.hpp"

namespace bulkhead::vnet::explain {

enum class Speech : std::uint8_t {
    tcp,
    udp,
    icmp,        // an echo request
    icmp_reply,  // and its answer
    arp,         // who has `to`, for `from`; ND for IPv6
};

struct Words {
    Speech speech = Speech::tcp;
    switch_address from{};
    std::uint16_t from_port = 0;  // ICMP: the identifier
    switch_address to{};
    std::uint16_t to_port = 0;
    std::uint8_t flags = Tcp::syn;  // TCP's
    std::uint32_t sequence = 0;
    std::uint32_t acknowledged = 0;
    std::uint8_t hops = 64;
};

// tcp A:PORT > B:PORT [syn|ack|syn,ack|fin,ack|rst], udp A:PORT > B:PORT, icmp A > B, icmp-reply A > B, arp A
// > B. IPv6 addresses with a port stand in brackets; brackets without one are fine.
Result<Words> parse_words(std::string_view text);
std::string to_text(const Words& words);
// Of any frame, for people: its words, or what it is as far as it can be read.
std::string describe_frame(std::span<const std::uint8_t> frame);

struct Wrapping {
    MacBytes destination{};
    MacBytes source{};
    std::uint16_t vlan = 0;  // 0: no tag
};

// All checksums right, no payload.
std::vector<std::uint8_t> frame_of(const Words& words, const Wrapping& wrapping);
// After bytes were added behind an untagged IP packet's headers: its lengths and its own checksum follow.
void settle_lengths(std::vector<std::uint8_t>& frame);
// As the sender behind that interface would wrap it: its own MAC address and tag, and the receiver's MAC
// address or its gateway's.
Wrapping wrapping_for(const Ir& ir, std::uint32_t ifindex, const Words& words);

}  // namespace bulkhead::vnet::explain
