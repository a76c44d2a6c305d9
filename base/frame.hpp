// Frames on a byte stream that may start in the middle of one: virtio-serial hands out stale bytes after a
// stall.
//
//   magic "BHF1" | session u32 | length u32 | crc32c u32 of (session, length, payload) | payload
//
// All integers little-endian. A reader skips bytes until a whole frame checks out; it never buffers more than
// one. After a bad checksum it looks for a frame inside the bad one, as far as that costs no more than what
// was fed: a peer that nests thousands of bad headers is skipped over whole frames at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead {

inline constexpr std::size_t frame_header_size = 16;
inline constexpr std::size_t frame_payload_limit = 64 * 1024 - frame_header_size;  // 64 KiB with the header

// CRC-32C (Castagnoli), RFC 3720 appendix B.4.
std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t seed = 0);

// `payload` must not exceed frame_payload_limit.
std::string encode_frame(std::uint32_t session, std::string_view payload);

struct Frame {
    std::uint32_t session = 0;
    std::string payload;
};

// Reassembles frames from chunks. Not thread-safe. Memory: one frame, allocated as bytes arrive, never by a
// length that the peer claims.
class FrameReader {
  public:
    struct Counters {
        std::uint64_t frames = 0;
        std::uint64_t skipped_bytes = 0;  // not part of any valid frame
        std::uint64_t bad_length = 0;
        std::uint64_t bad_checksum = 0;
    };

    void feed(std::span<const std::byte> chunk);
    // The next whole frame in what was fed, or nothing until more is fed. Call until it returns nothing.
    std::optional<Frame> next();
    const Counters& counters() const { return counters_; }

  private:
    void skip(std::size_t count);

    std::vector<std::byte> buffer_;
    std::size_t start_ = 0;
    // Bytes that may yet be read a second time.
    std::size_t second_looks_ = frame_payload_limit;
    Counters counters_;
};

}  // namespace bulkhead
