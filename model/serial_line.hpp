#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::model {

// Settings of an asynchronous serial line.
struct SerialLine {
    unsigned bits_per_second = 9600;
    unsigned data_bits = 8;  // 7 or 8
    char parity = 'N';       // N, E or O
    unsigned stop_bits = 1;  // 1 or 2
    auto operator<=>(const SerialLine&) const = default;
};

// "9600 8N1". Speeds are those of POSIX and Linux from 1200 to 4000000.
Result<SerialLine> parse_serial_line(std::string_view text);
std::string to_string(const SerialLine& line);

}  // namespace bulkhead::model
