#include "base/frame.hpp"

#include <gtest/gtest.h>

#include <random>

namespace bulkhead {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
}

TEST(Frame, checksum_matches_rfc_3720) {
    EXPECT_EQ(crc32c(bytes(std::string(32, '\0'))), 0x8A9136AAU);
    EXPECT_EQ(crc32c(bytes("123456789")), 0xE3069283U);
}

TEST(Frame, arrives_whole_when_fed_byte_by_byte) {
    const std::string wire = encode_frame(7, "hello");
    FrameReader reader;
    for (std::size_t i = 0; i + 1 < wire.size(); ++i) {
        reader.feed(bytes(wire).subspan(i, 1));
        EXPECT_FALSE(reader.next());
    }
    reader.feed(bytes(wire).last(1));
    const auto frame = reader.next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->session, 7U);
    EXPECT_EQ(frame->payload, "hello");
    EXPECT_EQ(reader.counters().skipped_bytes, 0U);
}

TEST(Frame, is_found_after_stale_bytes_and_a_half_frame) {
    FrameReader reader;
    reader.feed(bytes("stale BHF1"));
    reader.feed(bytes(encode_frame(1, "lost in the middle").substr(0, 20)));
    reader.feed(bytes(encode_frame(2, "found")));
    std::optional<Frame> frame;
    // The half frame claims 18 bytes, so it swallows the beginning of the next until its checksum fails.
    while (!frame) {
        frame = reader.next();
        if (!frame) reader.feed(bytes("padding padding"));
    }
    EXPECT_EQ(frame->payload, "found");
    EXPECT_GT(reader.counters().skipped_bytes, 0U);
}

TEST(Frame, refuses_a_length_over_the_limit_without_waiting_for_it) {
    std::string wire = encode_frame(1, "x");
    wire[8] = wire[9] = wire[10] = wire[11] = '\xFF';
    FrameReader reader;
    reader.feed(bytes(wire));
    reader.feed(bytes(encode_frame(1, "good")));
    const auto frame = reader.next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->payload, "good");
    EXPECT_EQ(reader.counters().bad_length, 1U);
}

TEST(Frame, refuses_a_flipped_bit) {
    for (std::size_t bit = 32; bit < 8 * (frame_header_size + 5); ++bit) {
        std::string wire = encode_frame(1, "hello");
        wire[bit / 8] = static_cast<char>(wire[bit / 8] ^ (1 << (bit % 8)));
        FrameReader reader;
        reader.feed(bytes(wire));
        EXPECT_FALSE(reader.next()) << "bit " << bit;
    }
}

TEST(Frame, costs_what_was_fed_and_not_its_square_when_bad_headers_are_nested) {
    // Each header claims the rest of a whole frame: checking every one against 64 KiB would take a second per
    // 64 KiB.
    std::string header = encode_frame(1, "").substr(0, frame_header_size);
    header[8] = '\xF0';
    header[9] = '\xFF';
    std::string nested;
    while (nested.size() < 512 * 1024) nested += header;
    FrameReader reader;
    for (std::size_t at = 0; at < nested.size(); at += 16 * 1024) {
        reader.feed(bytes(nested).subspan(at, 16 * 1024));
        while (reader.next()) {
        }
    }
    // 8 whole frames' worth was fed, so that many may be looked into, and as many skipped.
    EXPECT_LE(reader.counters().bad_checksum, 20U);
    reader.feed(bytes(std::string(frame_payload_limit, ' ')));
    while (reader.next()) {
    }
    reader.feed(bytes(encode_frame(1, "good")));
    EXPECT_TRUE(reader.next());
}

TEST(Frame, survives_random_bytes) {
    std::mt19937 random(1);
    FrameReader reader;
    for (int round = 0; round < 1000; ++round) {
        std::string noise(257, '\0');
        for (char& c : noise) c = static_cast<char>(random());
        reader.feed(bytes(noise));
        while (reader.next()) {
        }
    }
    EXPECT_EQ(reader.counters().frames, 0U);
}

}  // namespace
}  // namespace bulkhead
