#include "examples/simulators/can-adapter/slcan.hpp"

namespace bulkhead::simulators {
namespace {

constexpr std::string_view digits = "0123456789ABCDEF";

void put_hex(std::string& out, std::uint32_t value, int count) {
    for (int shift = 4 * (count - 1); shift >= 0; shift -= 4) out.push_back(digits[(value >> shift) & 0xF]);
}

std::optional<std::uint32_t> take_hex(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    std::uint32_t value = 0;
    for (const char c : text.substr(0, count)) {
        const char upper = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
        const auto digit = digits.find(upper);
        if (digit == std::string_view::npos) return std::nullopt;
        value = value << 4 | static_cast<std::uint32_t>(digit);
    }
    text.remove_prefix(count);
    return value;
}

}  // namespace

std::string encode_slcan(const CanFrame& frame) {
    std::string out;
    out.push_back(frame.remote ? (frame.extended ? 'R' : 'r') : (frame.extended ? 'T' : 't'));
    put_hex(out, frame.id, frame.extended ? 8 : 3);
    put_hex(out, frame.length, 1);
    if (!frame.remote)
        for (std::size_t i = 0; i < frame.length; ++i) put_hex(out, frame.data[i], 2);
    return out;
}

std::optional<CanFrame> decode_slcan(std::string_view line) {
    if (line.empty() || std::string_view("tTrR").find(line.front()) == std::string_view::npos)
        return std::nullopt;
    CanFrame frame;
    frame.extended = line.front() == 'T' || line.front() == 'R';
    frame.remote = line.front() == 'r' || line.front() == 'R';
    line.remove_prefix(1);
    const auto id = take_hex(line, frame.extended ? 8 : 3);
    const auto length = take_hex(line, 1);
    if (!id || *id > (frame.extended ? 0x1FFF'FFFFU : 0x7FFU) || !length || *length > 8) return std::nullopt;
    frame.id = *id;
    frame.length = static_cast<std::uint8_t>(*length);
    for (std::size_t i = 0; !frame.remote && i < frame.length; ++i) {
        const auto byte = take_hex(line, 2);
        if (!byte) return std::nullopt;
        frame.data[i] = static_cast<std::uint8_t>(*byte);
    }
    return line.empty() ? std::optional(frame) : std::nullopt;
}

std::chrono::nanoseconds time_on_bus(const CanFrame& frame, unsigned bits_per_second) {
    const unsigned data_bits = frame.remote ? 0U : 8U * frame.length;
    const unsigned stuffed = (frame.extended ? 54 : 34) + data_bits;  // from start of frame to the CRC's end
    const unsigned bits = stuffed + (stuffed - 1) / 4 + 10 + 3;
    return std::chrono::nanoseconds(bits * 1'000'000'000ULL / bits_per_second);
}

}  // namespace bulkhead::simulators
