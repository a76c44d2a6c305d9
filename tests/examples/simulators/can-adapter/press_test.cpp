#include "examples/simulators/can-adapter/press.hpp"

#include <gtest/gtest.h>

#include <map>

namespace bulkhead::simulators {
namespace {

using namespace std::chrono_literals;

TEST(Press, sends_each_signal_in_its_period) {
    Press press;
    std::map<std::uint32_t, int> count;
    for (auto age = 0ms; age < 10s; age += 1ms)
        while (const auto frame = press.next(age)) ++count[frame->id];
    EXPECT_EQ(count[force_id], 500);
    EXPECT_EQ(count[position_id], 500);
    EXPECT_EQ(count[heartbeat_id], 10);
}

TEST(Press, makes_no_burst_of_what_was_missed) {
    Press press;
    int frames = 0;
    while (press.next(1h)) ++frames;
    EXPECT_EQ(frames, 3);
    EXPECT_GT(press.due(), 1h);
}

TEST(Press, pushes_only_where_the_tool_meets_the_sheet_and_differs_from_stroke_to_stroke) {
    EXPECT_LT(stroke_at(0ms).force, 1);
    EXPECT_NEAR(stroke_at(0ms).position, 0, 0.1);
    EXPECT_NEAR(stroke_at(1350ms).force, 12.4, 0.5);
    EXPECT_NEAR(stroke_at(1350ms).position, 180, 0.1);
    EXPECT_NE(stroke_at(1350ms).force, stroke_at(1350ms + 2700ms).force);
}

}  // namespace
}  // namespace bulkhead::simulators
