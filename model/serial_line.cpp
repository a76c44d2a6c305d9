#include "model/serial_line.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::model {
namespace {

constexpr std::array<unsigned, 21> speeds{1200,    2400,    4800,    9600,    19200,   38400,   57600,
                                          115200,  230400,  460800,  500000,  576000,  921600,  1000000,
                                          1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000};

constexpr std::string_view rs485_mark = "rs485 rts ";
constexpr std::string_view turns_mark = "in turns of ";

std::string to_string(const Rs485& rs485) {
    return std::string(rs485_mark) + (rs485.rts_on_send ? "on send, " : "after send, ") +
           std::to_string(rs485.delay_rts_before_send.count()) + " ms before, " +
           std::to_string(rs485.delay_rts_after_send.count()) + " ms after" +
           (rs485.rx_during_tx ? ", rx during tx" : "");
}

Result<std::chrono::milliseconds> parse_delay(std::string_view text, std::string_view what) {
    if (!text.ends_with(what)) return fail(Code::invalid, "no delay");
    text.remove_suffix(what.size());
    BULKHEAD_TRY_ASSIGN(const auto count,
                        parse_number(text, 0, static_cast<std::uint64_t>(Rs485::longest_delay.count())));
    return std::chrono::milliseconds(count);
}

Result<Rs485> parse_rs485(std::string_view text) {
    const auto words = split_text(text, ',');
    if (words.size() < 3 || words.size() > 4 || (words[0] != "on send" && words[0] != "after send") ||
        (words.size() == 4 && words[3] != " rx during tx"))
        return fail(Code::invalid, "no turn-around");
    Rs485 rs485{.rts_on_send = words[0] == "on send", .rx_during_tx = words.size() == 4};
    BULKHEAD_TRY_ASSIGN(rs485.delay_rts_before_send, parse_delay(trimmed(words[1]), " ms before"));
    BULKHEAD_TRY_ASSIGN(rs485.delay_rts_after_send, parse_delay(trimmed(words[2]), " ms after"));
    return rs485;
}

std::string to_string(const Turns& turns) {
    return std::string(turns_mark) + std::to_string(turns.answer_within.count()) + " ms";
}

Result<Turns> parse_turns(std::string_view text) {
    static constexpr std::string_view unit = " ms";
    if (!text.ends_with(unit)) return fail(Code::invalid, "no turns");
    text.remove_suffix(unit.size());
    BULKHEAD_TRY_ASSIGN(const auto count,
                        parse_number(text, static_cast<std::uint64_t>(Turns::shortest.count()),
                                     static_cast<std::uint64_t>(Turns::longest.count())));
    return Turns{std::chrono::milliseconds(count)};
}

}  // namespace

Result<SerialLine> parse_line_setting(std::string_view text) {
    const auto wrong = [&] {
        return fail(Code::invalid, "'" + printable(text, 64) + "' is not a serial line setting", {},
                    "bits per second, then data bits, parity and stop bits, such as 9600 8N1");
    };
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return wrong();
    const auto speed = parse_number(text.substr(0, space), 1, 4'000'000);
    const auto mode = text.substr(space + 1);
    if (!speed || mode.size() != 3 || (mode[0] != '7' && mode[0] != '8') ||
        (mode[1] != 'N' && mode[1] != 'E' && mode[1] != 'O') || (mode[2] != '1' && mode[2] != '2'))
        return wrong();
    if (std::ranges::find(speeds, *speed) == speeds.end())
        return fail(Code::invalid, "no serial port of Linux runs at " + std::to_string(*speed) + " bit/s", {},
                    "a standard speed such as 9600, 19200 or 115200");
    return SerialLine{static_cast<unsigned>(*speed), static_cast<unsigned>(mode[0] - '0'), mode[1],
                      static_cast<unsigned>(mode[2] - '0')};
}

std::string to_string(const SerialLine& line) {
    return std::to_string(line.bits_per_second) + " " + std::to_string(line.data_bits) + line.parity +
           std::to_string(line.stop_bits) + (line.rs485 ? "; " + to_string(*line.rs485) : "") +
           (line.turns ? "; " + to_string(*line.turns) : "");
}

Result<SerialLine> parse_serial_line(std::string_view text) {
    const auto parts = split_text(text, ';');
    BULKHEAD_TRY_ASSIGN(SerialLine line, parse_line_setting(parts.front()));
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto part = trimmed(parts[i]);
        if (part.starts_with(rs485_mark)) {
            if (const auto rs485 = parse_rs485(part.substr(rs485_mark.size()))) line.rs485 = *rs485;
        } else if (part.starts_with(turns_mark)) {
            if (const auto turns = parse_turns(part.substr(turns_mark.size()))) line.turns = *turns;
        }
    }
    // Whatever was not understood, or stands in another order, does not come back.
    if (to_string(line) != text)
        return fail(Code::invalid, "'" + printable(text, 128) + "' is not how a serial line is worked");
    return line;
}

}  // namespace bulkhead::model
