#include <gtest/gtest.h>

#include "vnet/explain/words.hpp"

namespace bulkhead::vnet::explain {
namespace {

std::vector<std::uint8_t> frame(const char* words) {
    return frame_of(*parse_words(words), {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}, 0});
}

switch_drop refusal(const std::vector<std::uint8_t>& bytes, unsigned gso_size = 0) {
    const auto ethernet = parse_ethernet(Octets(bytes));
    if (!ethernet) return ethernet.error();
    const auto ip = parse_ip(*ethernet, gso_size);
    return ip ? switch_drop_count : ip.error();
}

TEST(Packet, a_right_frame_is_read_to_its_ports) {
    for (const char* words :
         {"tcp 10.0.0.1:1 > 10.0.0.2:2 syn", "udp [fd00::1]:1 > [fd00::2]:2", "icmp fd00::1 > fd00::2"}) {
        EXPECT_EQ(refusal(frame(words)), switch_drop_count) << words;
        EXPECT_EQ(describe_frame(frame(words)), words);
    }
}

TEST(Packet, what_ends_early_is_a_runt_or_lies) {
    const auto whole = frame("tcp 10.0.0.1:1 > 10.0.0.2:2");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto cut = refusal({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
        EXPECT_EQ(cut, size < 34 ? switch_drop_runt : switch_drop_malformed) << size;
    }
}

TEST(Packet, padding_is_no_part_of_the_packet) {
    auto short_udp = frame("udp 10.0.0.1:1 > 10.0.0.2:2");
    short_udp.resize(60);
    EXPECT_EQ(refusal(short_udp), switch_drop_count);
    short_udp.resize(61);
    EXPECT_EQ(refusal(short_udp), switch_drop_malformed);
}

TEST(Packet, a_segment_above_the_mtu_is_too_long) {
    EXPECT_EQ(refusal(frame("tcp 10.0.0.1:1 > 10.0.0.2:2"), 1460), switch_drop_count);
    EXPECT_EQ(refusal(frame("tcp 10.0.0.1:1 > 10.0.0.2:2"), 1461), switch_drop_too_long);
}

TEST(Packet, a_super_frame_weighs_what_its_segments_weigh) {
    auto bytes = frame("tcp 10.0.0.1:1 > 10.0.0.2:2");
    bytes.resize(54 + 2896);
    settle_lengths(bytes);
    const auto ethernet = parse_ethernet(Octets(bytes));
    ASSERT_TRUE(ethernet);
    const auto weight = [&](unsigned gso_size) { return parse_ip(*ethernet, gso_size)->weight; };
    EXPECT_EQ(weight(0), 2950U);
    EXPECT_EQ(weight(1448), 2U * (54 + 1448));
    EXPECT_EQ(weight(1447), 3U * 54 + 2896) << "the last byte is a segment too";
    EXPECT_EQ(weight(1), 2896U * 55);
}

TEST(Packet, flags_that_no_state_sends_are_refused) {
    for (const char* flags : {"syn,fin", "syn,rst", "fin"})
        EXPECT_EQ(refusal(frame(("tcp 10.0.0.1:1 > 10.0.0.2:2 " + std::string(flags)).c_str())),
                  switch_drop_tcp_state);
}

}  // namespace
}  // namespace bulkhead::vnet::explain
