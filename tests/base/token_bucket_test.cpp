#include "base/token_bucket.hpp"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime start = MonotonicTime{} + 1h;

TEST(TokenBucket, allows_a_burst_and_then_the_rate) {
    TokenBucket bucket({10, 5});
    int taken = 0;
    for (int i = 0; i < 100; ++i) taken += bucket.take(start) ? 1 : 0;
    EXPECT_EQ(taken, 5);
    for (int i = 0; i < 100; ++i) taken += bucket.take(start + i * 10ms) ? 1 : 0;
    EXPECT_NEAR(taken, 5 + 10, 1);
}

TEST(TokenBucket, owes_what_was_spent_and_not_there) {
    TokenBucket bucket({10, 5});
    bucket.spend(5, start);
    EXPECT_EQ(bucket.debt(), 0ms);
    bucket.spend(3, start);
    EXPECT_EQ(bucket.debt(), 300ms);
    EXPECT_FALSE(bucket.take(start + 300ms));
    bucket.spend(0, start + 300ms);
    EXPECT_EQ(bucket.debt(), 0ms);
    EXPECT_TRUE(bucket.take(start + 400ms));
}

}  // namespace
}  // namespace bulkhead
