#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::model {

// How the kernel's driver of an RS-485 port turns the line around, by RTS (struct serial_rs485 of
// linux/serial.h). On send and after send RTS has opposite levels: anything else turns nothing around.
struct Rs485 {
    static constexpr std::chrono::milliseconds longest_delay{100};  // that Linux takes
    bool rts_on_send = true;                                        // high while sending, low after; or else
    std::chrono::milliseconds delay_rts_before_send{0};
    std::chrono::milliseconds delay_rts_after_send{0};
    bool rx_during_tx = false;  // it hears what it sends
    auto operator<=>(const Rs485&) const = default;
};

// Several partitions ask Modbus servers on one line, one after the other.
struct Turns {
    static constexpr std::chrono::milliseconds shortest{10};
    static constexpr std::chrono::milliseconds longest{10'000};
    // From the last bit of a request to the first of its answer: after that it is the next one's turn.
    std::chrono::milliseconds answer_within{1000};
    auto operator<=>(const Turns&) const = default;
};

// Settings of an asynchronous serial line, and how it is worked.
struct SerialLine {
    unsigned bits_per_second = 9600;
    unsigned data_bits = 8;      // 7 or 8
    char parity = 'N';           // N, E or O
    unsigned stop_bits = 1;      // 1 or 2
    std::optional<Rs485> rs485;  // none: the driver turns nothing around
    std::optional<Turns> turns;  // none: it is one partition's alone
    auto operator<=>(const SerialLine&) const = default;
};

// "9600 8N1", as a spec has it. Speeds are those of POSIX and Linux from 1200 to 4000000.
Result<SerialLine> parse_line_setting(std::string_view text);
// The whole: "9600 8N1; rs485 rts on send, 2 ms before, 0 ms after, rx during tx; in turns of 1000 ms"; and
// back.
std::string to_string(const SerialLine& line);
Result<SerialLine> parse_serial_line(std::string_view text);

}  // namespace bulkhead::model
