// What a capture records, as the partition manager tells its helper. Text, so that it can be read and tested
// byte by byte.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::vnet::capture {

// Frames of a conduit's flow, in either direction.
struct Rule {
    std::vector<std::string> from;  // addresses of 16 bytes, IPv4 as ::ffff:a.b.c.d; none: anybody's
    std::vector<std::string> to;
    std::uint32_t transport = 0;  // IANA protocol number; 1 for ICMPv6 too, 253: layer 2
    std::uint32_t port = 0;       // of `to`; the ethertype of layer 2
    bool operator==(const Rule&) const = default;
};

// One interface. The kernel shows a frame that comes from whoever is there before the switch judges it, and
// one that goes there after.
struct Place {
    std::string interface;
    bool all = false;             // whatever passes; the rules don't count
    std::vector<Rule> sent;       // of these, what comes from there
    std::vector<Rule> delivered;  // of these, what goes there
    bool operator==(const Place&) const = default;
};

struct Order {
    std::vector<Place> places;
    std::chrono::seconds seconds{};
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;  // of the file
    bool operator==(const Order&) const = default;
};

inline constexpr std::size_t most_places = 64;
inline constexpr std::size_t longest_order = std::size_t{8} * 1024 * 1024;

std::string to_text(const Order& order);
// Code::invalid, with the line.
Result<Order> read_order(std::string_view text);

}  // namespace bulkhead::vnet::capture
