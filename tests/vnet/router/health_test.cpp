#include "vnet/router/health.hpp"

#include <gtest/gtest.h>

namespace bulkhead::vnet::router {
namespace {

TEST(Health, changes_after_as_many_probes_in_a_row_as_were_asked_for) {
    Health health(3);
    EXPECT_FALSE(health.note(false));
    EXPECT_FALSE(health.note(false));
    EXPECT_FALSE(health.note(true));  // begins anew
    EXPECT_FALSE(health.note(false));
    EXPECT_FALSE(health.note(false));
    EXPECT_TRUE(health.healthy());
    EXPECT_TRUE(health.note(false));
    EXPECT_FALSE(health.healthy());
    EXPECT_FALSE(health.note(true));
    EXPECT_FALSE(health.note(true));
    EXPECT_FALSE(health.healthy());
    EXPECT_TRUE(health.note(true));
    EXPECT_TRUE(health.healthy());
}

TEST(Choice, is_the_first_uplink_that_is_healthy) {
    EXPECT_EQ(choose({true, true}, std::nullopt), 0U);
    EXPECT_EQ(choose({false, true}, 0), 1U);
    EXPECT_EQ(choose({true, true}, 1), 0U);
}

TEST(Choice, stays_where_it_was_if_no_probe_is_answered_anywhere) {
    EXPECT_EQ(choose({false, false}, 1), 1U);
    EXPECT_EQ(choose({false, false}, std::nullopt), 0U);
    EXPECT_EQ(choose({false}, 1), 0U);
    EXPECT_EQ(choose({}, std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace bulkhead::vnet::router
