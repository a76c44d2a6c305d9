#include "partition-manager/lifecycle/output.hpp"

#include <gtest/gtest.h>

#include <future>

namespace bulkhead::lifecycle {
namespace {

using namespace std::chrono_literals;

// Longer than any test lasts: who waits for this has found nothing.
constexpr auto forever = 60s;

TEST(Output, keeps_the_last_200_lines_in_order) {
    Output output;
    for (int i = 0; i < 1000; ++i) output.append({}, std::to_string(i));
    const auto all = output.tail(10'000);
    ASSERT_EQ(all.size(), Output::kept_lines);
    EXPECT_EQ(all.front().text, "800");
    const auto two = output.tail(2);
    ASSERT_EQ(two.size(), 2U);
    EXPECT_EQ(two[0].text, "998");
    EXPECT_EQ(two[1].text, "999");
}

TEST(Output, numbers_lines_from_one_and_goes_on_counting_when_old_ones_are_gone) {
    Output output;
    EXPECT_EQ(output.last_number(), 0U);
    for (int i = 0; i < 300; ++i) output.append({}, "line");
    EXPECT_EQ(output.last_number(), 300U);
    EXPECT_EQ(output.tail(1).front().number, 300U);
    EXPECT_EQ(output.tail(10'000).front().number, 101U);
}

TEST(Output, gives_a_follower_only_what_is_newer_than_it_knows) {
    Output output;
    for (const auto* text : {"a", "b", "c"}) output.append({}, text);
    const auto newer = output.after(1, forever, {});
    ASSERT_EQ(newer.size(), 2U);
    EXPECT_EQ(newer[0].text, "b");
    EXPECT_EQ(newer[1].text, "c");
    EXPECT_TRUE(output.after(3, 0ms, {}).empty());
}

TEST(Output, wakes_a_follower_on_another_thread) {
    Output output;
    auto follower = std::async(std::launch::async, [&] { return output.after(0, forever, {}); });
    output.append({}, "late");
    const auto lines = follower.get();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines.front().text, "late");
}

TEST(Output, lets_a_follower_go_when_the_daemon_stops) {
    const Output output;
    std::stop_source stop;
    auto follower =
        std::async(std::launch::async, [&] { return output.after(0, forever, stop.get_token()); });
    stop.request_stop();
    ASSERT_EQ(follower.wait_for(forever / 2), std::future_status::ready);
    EXPECT_TRUE(follower.get().empty());
}

}  // namespace
}  // namespace bulkhead::lifecycle
