#include "vnet/capture/filter.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace bulkhead::vnet::capture {
namespace {

constexpr std::uint16_t type_vlan = 0x8100;
constexpr std::uint16_t type_ipv4 = 0x0800;
constexpr std::uint16_t type_ipv6 = 0x86dd;
constexpr std::uint32_t icmp = 1;
constexpr std::uint32_t icmp6 = 58;
constexpr std::uint32_t layer2 = 253;  // as model::Transport

struct Seen {
    std::uint32_t transport = 0;
    std::string from;  // 16 bytes, IPv4 as ::ffff:a.b.c.d
    std::string to;
    std::uint32_t from_port = 0;
    std::uint32_t to_port = 0;
};

// Reads past the end are zeros.
std::uint32_t u16(std::string_view bytes, std::size_t at) {
    if (at + 2 > bytes.size()) return 0;
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[at])) << 8 |
           static_cast<std::uint8_t>(bytes[at + 1]);
}

std::string ipv4_at(std::string_view bytes, std::size_t at) {
    return std::string(10, '\0') + "\xff\xff" + std::string(bytes.substr(at, 4));
}

std::optional<Seen> read(std::string_view frame) {
    if (u16(frame, 12) == type_vlan && frame.size() >= 18) frame.remove_prefix(4);  // the type is what counts
    if (frame.size() < 14) return std::nullopt;
    const auto type = u16(frame, 12);
    Seen seen;
    std::size_t transport = 0;
    if (type == type_ipv4 && frame.size() >= 34) {
        seen.transport = static_cast<std::uint8_t>(frame[23]);
        seen.from = ipv4_at(frame, 26);
        seen.to = ipv4_at(frame, 30);
        transport = 34;
    } else if (type == type_ipv6 && frame.size() >= 54) {
        seen.transport = static_cast<std::uint8_t>(frame[20]);
        seen.from = frame.substr(22, 16);
        seen.to = frame.substr(38, 16);
        transport = 54;
    } else {
        seen.transport = layer2;
        seen.to_port = seen.from_port = type;
        return seen;
    }
    if (seen.transport == icmp6) seen.transport = icmp;
    if (seen.transport == icmp) return seen;
    seen.from_port = u16(frame, transport);
    seen.to_port = u16(frame, transport + 2);
    return seen;
}

bool is_of(const std::vector<std::string>& addresses, const std::string& address) {
    return address.empty() || addresses.empty() || std::ranges::find(addresses, address) != addresses.end();
}

bool fits(const Rule& rule, const Seen& seen) {
    const bool forth = is_of(rule.from, seen.from) && is_of(rule.to, seen.to);
    const bool back = is_of(rule.from, seen.to) && is_of(rule.to, seen.from);
    if (seen.transport == icmp) return forth || back;
    if (seen.transport != rule.transport) return false;
    return (forth && seen.to_port == rule.port) || (back && seen.from_port == rule.port);
}

}  // namespace

bool belongs(const std::vector<Rule>& rules, std::string_view frame) {
    const auto seen = read(frame);
    return seen && std::ranges::any_of(rules, [&](const auto& rule) { return fits(rule, *seen); });
}

bool is_ordered(const Place& place, const CapturedFrame& frame) {
    return place.all || belongs(frame.outgoing ? place.delivered : place.sent, frame.bytes);
}

}  // namespace bulkhead::vnet::capture
