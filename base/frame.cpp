#include "base/frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace bulkhead {
namespace {

constexpr std::array<std::byte, 4> magic{std::byte{'B'}, std::byte{'H'}, std::byte{'F'}, std::byte{'1'}};

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82F63B78U : 0U);
        table[i] = value;
    }
    return table;
}
constexpr auto table = make_table();

std::uint32_t load_u32(std::span<const std::byte> bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * i);
    return value;
}

void store_u32(std::string& out, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
}

std::uint32_t checksum(std::span<const std::byte> session_and_length, std::span<const std::byte> payload) {
    return crc32c(payload, crc32c(session_and_length));
}

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t seed) {
    std::uint32_t value = ~seed;
    for (const std::byte b : data)
        value = (value >> 8) ^ table[(value ^ std::to_integer<std::uint32_t>(b)) & 0xFF];
    return ~value;
}

std::string encode_frame(std::uint32_t session, std::string_view payload) {
    std::string frame;
    frame.reserve(frame_header_size + payload.size());
    for (const std::byte b : magic) frame.push_back(static_cast<char>(b));
    store_u32(frame, session);
    store_u32(frame, static_cast<std::uint32_t>(payload.size()));
    const auto header = std::as_bytes(std::span(frame)).subspan(4, 8);
    store_u32(frame, checksum(header, std::as_bytes(std::span(payload))));
    frame.append(payload);
    return frame;
}

void FrameReader::feed(std::span<const std::byte> chunk) {
    if (start_ != 0) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
        start_ = 0;
    }
    buffer_.insert(buffer_.end(), chunk.begin(), chunk.end());
    second_looks_ = std::min(second_looks_ + chunk.size(), frame_payload_limit);
}

void FrameReader::skip(std::size_t count) {
    start_ += count;
    counters_.skipped_bytes += count;
}

std::optional<Frame> FrameReader::next() {
    while (true) {
        const auto bytes = std::span<const std::byte>(buffer_).subspan(start_);
        const auto found = std::ranges::search(bytes, magic);
        if (found.empty()) {
            // Keep a possible beginning of the magic.
            const std::size_t keep = std::min<std::size_t>(bytes.size(), magic.size() - 1);
            skip(bytes.size() - keep);
            return std::nullopt;
        }
        const auto offset = static_cast<std::size_t>(found.begin() - bytes.begin());
        if (offset != 0) {
            skip(offset);
            continue;
        }
        if (bytes.size() < frame_header_size) return std::nullopt;
        const std::uint32_t length = load_u32(bytes.subspan(8));
        if (length > frame_payload_limit) {
            ++counters_.bad_length;
            skip(magic.size());
            continue;
        }
        if (bytes.size() < frame_header_size + length) return std::nullopt;
        const auto payload = bytes.subspan(frame_header_size, length);
        if (load_u32(bytes.subspan(12)) != checksum(bytes.subspan(4, 8), payload)) {
            ++counters_.bad_checksum;
            const bool look_inside = length <= second_looks_;
            if (look_inside) second_looks_ -= length;
            skip(look_inside ? magic.size() : frame_header_size + length);
            continue;
        }
        Frame frame{load_u32(bytes.subspan(4)), std::string(payload.size(), '\0')};
        if (!payload.empty()) std::memcpy(frame.payload.data(), payload.data(), payload.size());
        start_ += frame_header_size + length;
        ++counters_.frames;
        return frame;
    }
}

}  // namespace bulkhead
