#pragma once

#include <chrono>
#include <cstddef>

#include "model/serial_line.hpp"

namespace bulkhead::passthrough::serial {

// Start bit, data bits, parity bit, stop bits.
constexpr unsigned bits_per_character(const model::SerialLine& line) {
    return 1 + line.data_bits + (line.parity == 'N' ? 0U : 1U) + line.stop_bits;
}

// That so many characters are on the line.
constexpr std::chrono::microseconds time_of(std::size_t characters, const model::SerialLine& line) {
    return std::chrono::microseconds(characters * bits_per_character(line) * 1'000'000 /
                                     line.bits_per_second);
}

}  // namespace bulkhead::passthrough::serial
