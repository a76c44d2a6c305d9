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

}  // namespace

Result<SerialLine> parse_serial_line(std::string_view text) {
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
           std::to_string(line.stop_bits);
}

}  // namespace bulkhead::model
