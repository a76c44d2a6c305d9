#include "partition-manager/daemon/backoff.hpp"

#include <gtest/gtest.h>

#include "tests/partition-manager/daemon/names.hpp"

namespace bulkhead::daemon {
namespace {

using namespace std::chrono_literals;

const model::PartitionName press("press");
constexpr MonotonicTime begin{std::chrono::hours(1)};

TEST(StartBackoff, lets_nobody_wait_who_has_not_ended) {
    const StartBackoff backoff;
    EXPECT_TRUE(backoff.waiting(begin).empty());
    EXPECT_EQ(backoff.next(begin), 0ms);
}

TEST(StartBackoff, doubles_up_to_five_minutes_while_it_ends_again_and_again) {
    StartBackoff backoff;
    MonotonicTime now = begin;
    for (const auto delay : {2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 300s, 300s}) {
        backoff.note_restart(press, now);
        EXPECT_EQ(backoff.next(now), delay);
        EXPECT_EQ(backoff.waiting(now + delay - 1ms), std::set{press});
        EXPECT_TRUE(backoff.waiting(now + delay).empty());
        now += delay;
    }
}

TEST(StartBackoff, begins_anew_with_one_that_ran_for_ten_minutes) {
    StartBackoff backoff;
    for (int i = 0; i < 5; ++i) backoff.note_restart(press, begin);
    EXPECT_EQ(backoff.next(begin), 32s);
    backoff.note_restart(press, begin + 601s);
    EXPECT_EQ(backoff.next(begin + 601s), 2s);
}

TEST(StartBackoff, counts_each_partition_for_itself) {
    StartBackoff backoff;
    for (int i = 0; i < 3; ++i) backoff.note_restart(press, begin);
    backoff.note_restart(robot, begin);
    EXPECT_EQ(backoff.next(begin), 2s);
    EXPECT_EQ(backoff.waiting(begin + 3s), std::set{press});
    EXPECT_EQ(backoff.next(begin + 3s), 5s);
}

TEST(StartBackoff, forgets_one_that_a_person_wants) {
    StartBackoff backoff;
    for (int i = 0; i < 3; ++i) backoff.note_restart(press, begin);
    backoff.forget(press);
    EXPECT_TRUE(backoff.waiting(begin).empty());
    backoff.note_restart(press, begin);
    EXPECT_EQ(backoff.next(begin), 2s);
}

}  // namespace
}  // namespace bulkhead::daemon
