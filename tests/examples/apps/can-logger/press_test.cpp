#include "examples/apps/can-logger/press.hpp"

#include <gtest/gtest.h>

namespace can_logger {
namespace {

can_frame frame(canid_t id, std::uint8_t low, std::uint8_t high) {
    can_frame made{};
    made.can_id = id;
    made.can_dlc = 2;
    made.data[0] = low;
    made.data[1] = high;
    return made;
}

TEST(PressFrames, are_read_in_their_units) {
    EXPECT_EQ(reading_of(frame(0x181, 0xD8, 0x04)), "0x181 force 12.4 kN");
    EXPECT_EQ(reading_of(frame(0x182, 0x50, 0x46)), "0x182 position 180.0 mm");
}

TEST(PressFrames, of_other_nodes_or_cut_short_are_no_reading) {
    EXPECT_FALSE(reading_of(frame(0x701, 5, 0)));
    EXPECT_FALSE(reading_of(frame(0x181 | CAN_EFF_FLAG, 1, 1)));
    EXPECT_FALSE(reading_of(frame(0x181 | CAN_RTR_FLAG, 1, 1)));
    auto cut = frame(0x181, 1, 1);
    cut.can_dlc = 1;
    EXPECT_FALSE(reading_of(cut));
}

}  // namespace
}  // namespace can_logger
