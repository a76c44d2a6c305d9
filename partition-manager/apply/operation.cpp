#include "partition-manager/apply/operation.hpp"

#include <sys/random.h>

#include <array>
#include <cstdlib>

namespace bulkhead::apply {
namespace {

template <std::size_t N>
std::array<std::uint8_t, N> random_bytes() {
    std::array<std::uint8_t, N> bytes{};
    // Up to 256 bytes come whole once the kernel's pool is ready (getrandom(2)).
    if (::getrandom(bytes.data(), N, 0) != static_cast<ssize_t>(N)) std::abort();
    return bytes;
}

// Crockford's Base32: sorts like the number, and can't be misread.
std::string base32(std::uint64_t number, std::size_t digits) {
    constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    std::string text(digits, '0');
    for (std::size_t i = digits; i-- > 0; number >>= 5U) text[i] = alphabet[number & 31U];
    return text;
}

}  // namespace

OperationId new_operation_id(const Clock& clock) {
    std::uint64_t random = 0;
    for (const auto byte : random_bytes<4>()) random = random << 8U | byte;
    const auto milliseconds = static_cast<std::uint64_t>(clock.utc().time_since_epoch().count());
    return OperationId(base32(milliseconds, 9) + "-" + base32(random, 6));
}

std::string new_uuid() {
    auto bytes = random_bytes<16>();
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);  // version 4
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);  // variant of RFC 9562
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits[bytes[i] >> 4U];
        text += digits[bytes[i] & 0xFU];
    }
    return text;
}

}  // namespace bulkhead::apply
