#include "examples/simulators/can-adapter/slcan.hpp"

#include <gtest/gtest.h>

namespace bulkhead::simulators {
namespace {

TEST(Slcan, frames_come_back_as_they_were_written) {
    const CanFrame data{.id = 0x181, .length = 2, .data{0xD8, 0x04}};
    EXPECT_EQ(encode_slcan(data), "t1812D804");
    const CanFrame extended{
        .id = 0x1ABCDEF0, .extended = true, .length = 8, .data{1, 2, 3, 4, 5, 6, 7, 0xFF}};
    EXPECT_EQ(encode_slcan(extended), "T1ABCDEF0801020304050607FF");
    const CanFrame remote{.id = 0x7FF, .remote = true, .length = 4};
    EXPECT_EQ(encode_slcan(remote), "r7FF4");
    for (const auto& frame : {data, extended, remote}) EXPECT_EQ(decode_slcan(encode_slcan(frame)), frame);
    EXPECT_EQ(decode_slcan("t1812d804"), data) << "lower case is read too";
}

TEST(Slcan, refuses_what_is_no_frame) {
    for (const auto* text : {"", "t", "x1230", "t12", "t1239", "t8000", "t1232D8", "t1812D80400", "t18g0",
                             "T200000000", "r1231FF", "t-110", "t 110"})
        EXPECT_FALSE(decode_slcan(text)) << text;
}

TEST(Slcan, a_frame_takes_its_bits_on_the_bus) {
    // 8 bytes, 11 bits of identifier: 135 bits at most with stuffing and interframe space, 270 us at 500
    // kbit/s.
    EXPECT_EQ(time_on_bus({.id = 1, .length = 8}, 500'000), std::chrono::microseconds(270));
    EXPECT_GT(time_on_bus({.id = 1, .extended = true, .length = 8}, 500'000), std::chrono::microseconds(270));
    EXPECT_LT(time_on_bus({.id = 1, .remote = true, .length = 8}, 500'000), std::chrono::microseconds(130));
}

}  // namespace
}  // namespace bulkhead::simulators
