#include "partition-manager/lifecycle/output.hpp"

#include <gtest/gtest.h>

namespace bulkhead::lifecycle {
namespace {

TEST(OutputLog, keeps_the_last_200_lines_in_order) {
    OutputLog log;
    for (int i = 0; i < 1000; ++i) log.add({{}, std::to_string(i)});
    const auto all = log.last(10'000);
    ASSERT_EQ(all.size(), 200U);
    EXPECT_EQ(all.front().text, "800");
    const auto two = log.last(2);
    ASSERT_EQ(two.size(), 2U);
    EXPECT_EQ(two[0].text, "998");
    EXPECT_EQ(two[1].text, "999");
}

TEST(OutputLog, a_follower_may_end_itself_within_its_call) {
    OutputLog log;
    int calls = 0;
    int others = 0;
    OutputLog::FollowerId self = 0;
    self = log.follow([&](const LoggedLine&) {
        ++calls;
        log.unfollow(self);
    });
    log.follow([&](const LoggedLine&) { ++others; });
    log.add({{}, "a"});
    log.add({{}, "b"});
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(others, 2);
}

}  // namespace
}  // namespace bulkhead::lifecycle
