// CAN frames in the ASCII of Lawicel's CAN232 manual (V3, 2.x "Available ASCII commands"), which Linux calls
// SLCAN.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::simulators {

struct CanFrame {
    std::uint32_t id = 0;
    bool extended = false;  // 29 bits instead of 11
    bool remote = false;
    std::uint8_t length = 0;  // 0 to 8
    std::array<std::uint8_t, 8> data{};
    bool operator==(const CanFrame&) const = default;
};

// "t1812D804" without the closing carriage return.
std::string encode_slcan(const CanFrame& frame);
// Nothing if it is no frame: wrong length, an identifier out of range, anything trailing.
std::optional<CanFrame> decode_slcan(std::string_view line);

// Time on the bus with the most stuff bits that the content may need (ISO 11898-1, 10.5), interframe space
// included.
std::chrono::nanoseconds time_on_bus(const CanFrame& frame, unsigned bits_per_second);

}  // namespace bulkhead::simulators
