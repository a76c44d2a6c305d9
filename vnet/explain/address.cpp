#include "vnet/explain/address.hpp"

#include <cstring>

#include "vnet/wire.hpp"

namespace bulkhead::vnet::explain {

switch_address address_of(const std::array<std::uint8_t, 16>& bytes) {
    switch_address address{};
    std::memcpy(&address, bytes.data(), sizeof address);
    return address;
}

switch_address address_of(const std::array<std::uint8_t, 4>& bytes) {
    std::array<std::uint8_t, 16> mapped{};
    mapped[10] = mapped[11] = 0xff;
    std::memcpy(&mapped[12], bytes.data(), bytes.size());
    return address_of(mapped);
}

std::array<std::uint8_t, 16> bytes_of(const switch_address& address) {
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &address, sizeof address);
    return bytes;
}

bool is_none(const switch_address& address) {
    return same(address, switch_address{});
}

bool is_link_local(const switch_address& address) {
    const auto bytes = bytes_of(address);
    return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

bool same(const switch_address& a, const switch_address& b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

bool lies_in(const switch_address& address, const switch_prefix& prefix) {
    const auto a = bytes_of(address);
    const auto b = bytes_of(prefix.address);
    for (unsigned bit = 0; bit < prefix.length && bit < 128; ++bit) {
        const unsigned mask = 0x80U >> (bit % 8);
        if (((a[bit / 8] ^ b[bit / 8]) & mask) != 0) return false;
    }
    return true;
}

std::string to_text(const switch_address& address) {
    return is_ipv4(address) ? model::to_string(to_ipv4(address)) : model::to_string(to_ipv6(address));
}

}  // namespace bulkhead::vnet::explain
