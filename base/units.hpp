#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead {

// A quantity of bytes.
struct Bytes {
    std::uint64_t count = 0;
    auto operator<=>(const Bytes&) const = default;
    Bytes& operator+=(Bytes other) {
        count += other.count;
        return *this;
    }
    std::uint64_t kib() const { return count / 1024; }
    std::uint64_t mib() const { return count / (1024 * 1024); }
};

constexpr Bytes operator""_MiB(unsigned long long n) {
    return Bytes{n * 1024 * 1024};
}

// "512MiB", "1GiB", "64KiB": whole numbers with an IEC 80000-13 binary unit, at most 1024 TiB. "512MB" and
// "512" are refused and the error names the unit that was meant.
Result<Bytes> parse_bytes(std::string_view text);
std::string to_string(Bytes bytes);

// "512kbit/s", "10Mbit/s", "1Gbit/s": whole numbers with a decimal unit, at most 1000 Gbit/s; in bits per
// second.
Result<std::uint64_t> parse_bit_rate(std::string_view text);
std::string bit_rate_text(std::uint64_t bits_per_second);

// "250ms", "1s", "5min", "2h", "7d": whole numbers with a unit, at most 365 days.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// For people: "12 s", "3 min", "5 h", "2 d".
std::string human_age(std::chrono::seconds age);

// A whole number in [low, high]; refuses signs, spaces, fractions and anything trailing.
Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t low, std::uint64_t high);

}  // namespace bulkhead
