#include "model/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::model {

Result<Ipv4> parse_ipv4(std::string_view text) {
    const auto parts = split_text(text, '.');
    const auto wrong = [&] {
        return fail(Code::invalid, "'" + printable(text, 64) + "' is not an IPv4 address", {},
                    "four numbers from 0 to 255, such as 10.20.1.10");
    };
    if (parts.size() != 4) return wrong();
    Ipv4 address;
    for (const auto& part : parts) {
        const auto number = parse_number(part, 0, 255);
        if (!number || (part.size() > 1 && part[0] == '0')) return wrong();
        address.bits = address.bits << 8 | static_cast<std::uint32_t>(*number);
    }
    return address;
}

Result<Ipv4Prefix> parse_prefix(std::string_view text) {
    const auto slash = text.find('/');
    const auto wrong = [&](std::string mend = {}) {
        return fail(Code::invalid, "'" + printable(text, 64) + "' is not an IPv4 prefix", {},
                    "a network and its length, such as 10.20.1.0/24", std::move(mend));
    };
    if (slash == std::string_view::npos) return wrong();
    const auto address = parse_ipv4(text.substr(0, slash));
    const auto length = parse_number(text.substr(slash + 1), 0, 32);
    if (!address || !length) return wrong();
    Ipv4Prefix prefix{*address, static_cast<unsigned>(*length)};
    const Ipv4 network{address->bits & prefix.mask()};
    if (network != *address) {
        prefix.network = network;
        return wrong("write " + to_string(prefix));
    }
    return prefix;
}

bool Ipv6Prefix::contains(const Ipv6& address) const {
    for (unsigned i = 0; i < 16; ++i) {
        const unsigned bits = std::clamp(length, 8 * i, 8 * i + 8) - 8 * i;
        const auto mask = static_cast<std::uint8_t>(0xFF00U >> bits);
        if ((address.bytes[i] & mask) != (network.bytes[i] & mask)) return false;
    }
    return true;
}

Result<Ipv6> parse_ipv6(std::string_view text) {
    Ipv6 address;
    const std::string terminated(text);
    if (text.contains('.') || text.contains('\0') ||
        ::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1)
        return fail(Code::invalid, "'" + printable(text, 64) + "' is not an IPv6 address", {},
                    "groups of hexadecimal digits, such as fd20:1::10");
    return address;
}

Ipv6Prefix network_of(const Ipv6& address, unsigned length) {
    Ipv6Prefix prefix{address, length};
    for (unsigned i = 0; i < 16; ++i) {
        const unsigned bits = std::clamp(length, 8 * i, 8 * i + 8) - 8 * i;
        prefix.network.bytes[i] &= static_cast<std::uint8_t>(0xFF00U >> bits);
    }
    return prefix;
}

Result<Ipv6Prefix> parse_prefix6(std::string_view text) {
    const auto slash = text.find('/');
    const auto wrong = [&](std::string mend = {}) {
        return fail(Code::invalid, "'" + printable(text, 64) + "' is not an IPv6 prefix", {},
                    "a network and its length, such as fd20:1::/64", std::move(mend));
    };
    if (slash == std::string_view::npos) return wrong();
    const auto address = parse_ipv6(text.substr(0, slash));
    const auto length = parse_number(text.substr(slash + 1), 0, 128);
    if (!address || !length) return wrong();
    const Ipv6Prefix prefix = network_of(*address, static_cast<unsigned>(*length));
    if (prefix.network != *address) return wrong("write " + to_string(prefix));
    return prefix;
}

Ipv6 eui64(const Ipv6Prefix& prefix, const Mac& mac) {
    Ipv6 address = prefix.network;
    std::copy_n(mac.bytes.begin(), 3, address.bytes.begin() + 8);
    address.bytes[8] ^= 0x02U;
    address.bytes[11] = 0xFF;
    address.bytes[12] = 0xFE;
    std::copy_n(mac.bytes.begin() + 3, 3, address.bytes.begin() + 13);
    return address;
}

Result<Mac> parse_mac(std::string_view text) {
    Mac mac;
    const auto parts = split_text(text, ':');
    bool ok = parts.size() == 6;
    for (std::size_t i = 0; ok && i < 6; ++i) {
        const auto& part = parts[i];
        const auto [end, ec] = std::from_chars(part.data(), part.data() + part.size(), mac.bytes[i], 16);
        ok = part.size() == 2 && ec == std::errc{} && end == part.data() + part.size();
    }
    if (!ok)
        return fail(Code::invalid, "'" + printable(text, 64) + "' is not a MAC address", {},
                    "six pairs of hexadecimal digits, such as 02:00:00:00:00:01");
    return mac;
}

std::string to_string(Ipv4 address) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (!text.empty()) text += '.';
        text += std::to_string(address.bits >> shift & 0xFF);
    }
    return text;
}

std::string to_string(const Ipv4Prefix& prefix) {
    return to_string(prefix.network) + "/" + std::to_string(prefix.length);
}

std::string to_string(const Ipv6& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
    return text.data();
}

std::string to_string(const Ipv6Prefix& prefix) {
    return to_string(prefix.network) + "/" + std::to_string(prefix.length);
}

std::string to_string(const Mac& mac) {
    std::array<char, 18> text{};
    std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac.bytes[0], mac.bytes[1],
                  mac.bytes[2], mac.bytes[3], mac.bytes[4], mac.bytes[5]);
    return text.data();
}

}  // namespace bulkhead::model
