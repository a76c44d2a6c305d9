#include "examples/simulators/can-adapter/adapter.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bulkhead::simulators {
namespace {

struct Adapted : testing::Test {
    std::vector<CanFrame> sent;
    Adapter adapter{[this](const CanFrame& frame) { sent.push_back(frame); }};
};

TEST_F(Adapted, opens_only_with_a_speed_and_changes_it_only_when_closed) {
    EXPECT_EQ(adapter.feed("O\r"), "\a");
    EXPECT_EQ(adapter.feed("S6\rO\r"), "\r\r");
    EXPECT_TRUE(adapter.is_open());
    EXPECT_EQ(adapter.bits_per_second(), 500'000U);
    EXPECT_EQ(adapter.feed("S4\rO\r"), "\a\a");
    EXPECT_EQ(adapter.feed("C\rC\r"), "\r\a");
    EXPECT_EQ(adapter.feed("S9\rS\rS66\r"), "\a\a\a");
}

TEST_F(Adapted, tells_what_it_is) {
    EXPECT_EQ(adapter.feed("V\rN\r\rF\r"), "V1013\rNB001\r\r\a");
    EXPECT_EQ(adapter.feed("V1\rq\r"), "\a\a");
}

TEST_F(Adapted, sends_frames_only_while_open) {
    EXPECT_EQ(adapter.feed("t1230\r"), "\a");
    EXPECT_EQ(adapter.feed("S6\rO\rt1230\rT000000011AA\r"), "\r\rz\rZ\r");
    EXPECT_EQ(sent,
              (std::vector<CanFrame>{{.id = 0x123}, {.id = 1, .extended = true, .length = 1, .data{0xAA}}}));
    EXPECT_EQ(adapter.feed("C\rL\rt1230\r"), "\r\r\a") << "listens only";
    EXPECT_EQ(sent.size(), 2U);
}

TEST_F(Adapted, puts_commands_together_from_any_pieces) {
    std::string answers;
    for (const char c : std::string("S6\rO\rt1232AABB\r")) answers += adapter.feed({&c, 1});
    EXPECT_EQ(answers, "\r\rz\r");
}

TEST_F(Adapted, forgets_a_command_that_is_too_long_and_goes_on) {
    EXPECT_EQ(adapter.feed(std::string(1 << 20, 't')), "");
    EXPECT_EQ(adapter.feed("\rV\r"), "\aV1013\r");
}

}  // namespace
}  // namespace bulkhead::simulators
