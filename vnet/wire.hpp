// Between the model's values and those of the switch's maps.
#pragma once

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "model/address.hpp"
#include "vnet/bpf/layout.h"

namespace bulkhead::vnet {

inline constexpr unsigned ipv4_prefix_bits = 96;  // ::ffff:0:0/96 (RFC 4291, 2.5.5.2)

inline switch_address to_wire(model::Ipv4 address) {
    return {{0, 0, ::htonl(0xffff), ::htonl(address.bits)}};
}
inline switch_address to_wire(const model::Ipv6& address) {
    switch_address wire{};
    std::memcpy(&wire, address.bytes.data(), sizeof wire);
    return wire;
}
inline switch_prefix to_wire(const model::Ipv4Prefix& prefix) {
    return {prefix.length + ipv4_prefix_bits, to_wire(prefix.network)};
}
inline switch_prefix to_wire(const model::Ipv6Prefix& prefix) {
    return {prefix.length, to_wire(prefix.network)};
}

inline bool is_ipv4(const switch_address& address) {
    return address.word[0] == 0 && address.word[1] == 0 && address.word[2] == ::htonl(0xffff);
}
inline model::Ipv4 to_ipv4(const switch_address& address) {
    return model::Ipv4{::ntohl(address.word[3])};
}
inline model::Ipv6 to_ipv6(const switch_address& address) {
    model::Ipv6 plain;
    std::memcpy(plain.bytes.data(), &address, sizeof address);
    return plain;
}

template <std::size_t Size>
void to_wire(const model::Mac& mac, unsigned char (&field)[Size]) {
    static_assert(Size == 6);
    std::ranges::copy(mac.bytes, field);
}
template <std::size_t Size>
void to_wire(const std::string& text, char (&field)[Size]) {
    field[text.copy(field, Size - 1)] = '\0';
}
template <std::size_t Size>
std::string from_wire(const char (&field)[Size]) {
    return {field, std::find(field, field + Size, '\0')};
}

}  // namespace bulkhead::vnet
