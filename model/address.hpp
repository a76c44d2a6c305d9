#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::model {

struct Ipv4 {
    std::uint32_t bits = 0;  // host byte order
    auto operator<=>(const Ipv4&) const = default;
};

struct Ipv4Prefix {
    Ipv4 network;
    unsigned length = 0;
    auto operator<=>(const Ipv4Prefix&) const = default;

    std::uint32_t mask() const { return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length); }
    bool contains(Ipv4 address) const { return (address.bits & mask()) == network.bits; }
    bool overlaps(const Ipv4Prefix& other) const {
        return contains(other.network) || other.contains(network);
    }
    // Neither the network's own address nor its broadcast address.
    bool is_host(Ipv4 address) const {
        return contains(address) && address != network && address.bits != (network.bits | ~mask());
    }
};

struct Ipv6 {
    std::array<std::uint8_t, 16> bytes{};  // network byte order
    auto operator<=>(const Ipv6&) const = default;
};

struct Ipv6Prefix {
    Ipv6 network;
    unsigned length = 0;
    auto operator<=>(const Ipv6Prefix&) const = default;

    bool contains(const Ipv6& address) const;
    bool overlaps(const Ipv6Prefix& other) const {
        return contains(other.network) || other.contains(network);
    }
};

struct Mac {
    std::array<std::uint8_t, 6> bytes{};
    auto operator<=>(const Mac&) const = default;
};

// Dotted quad (RFC 6943 strict form: four decimal numbers, no leading zeros).
Result<Ipv4> parse_ipv4(std::string_view text);
// CIDR (RFC 4632). Bits below the prefix length must be zero; the error names the prefix that was meant.
Result<Ipv4Prefix> parse_prefix(std::string_view text);
// RFC 4291 text, without a zone or an embedded IPv4 address.
Result<Ipv6> parse_ipv6(std::string_view text);
// Bits below the prefix length must be zero; the error names the prefix that was meant.
Result<Ipv6Prefix> parse_prefix6(std::string_view text);
// The prefix of that length that the address is in.
Ipv6Prefix network_of(const Ipv6& address, unsigned length);
Result<Mac> parse_mac(std::string_view text);

std::string to_string(Ipv4 address);
std::string to_string(const Ipv4Prefix& prefix);
std::string to_string(const Ipv6& address);  // RFC 5952
std::string to_string(const Ipv6Prefix& prefix);
std::string to_string(const Mac& mac);

// The address that a host gives itself in a /64 from its MAC address (modified EUI-64, RFC 4291 appendix A).
Ipv6 eui64(const Ipv6Prefix& prefix, const Mac& mac);

}  // namespace bulkhead::model
