#include "base/loop.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace bulkhead {
namespace {

using namespace std::chrono_literals;

TEST(Loop, runs_timers_in_order_and_posted_work_from_another_thread) {
    auto loop = *Loop::open();
    std::vector<int> order;
    bool posted = false;
    const auto stop_after_all = [&] {
        if (posted && order.size() == 2) loop->stop();
    };
    loop->after(20ms, [&] {
        order.push_back(2);
        stop_after_all();
    });
    loop->after(1ms, [&] { order.push_back(1); });
    std::thread other([&] {
        loop->post([&] {
            posted = true;
            stop_after_all();
        });
    });
    ASSERT_TRUE(loop->run());
    other.join();
    EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST(Loop, a_timer_can_cancel_itself) {
    auto loop = *Loop::open();
    int calls = 0;
    Loop::TimerId timer = 0;
    timer = loop->every(1ms, [&] {
        if (++calls < 3) return;
        loop->cancel(timer);
        loop->after(20ms, [&] { loop->stop(); });
    });
    ASSERT_TRUE(loop->run());
    EXPECT_EQ(calls, 3);
}

TEST(Loop, an_fd_can_be_unwatched_by_another_callback_of_the_same_round) {
    auto loop = *Loop::open();
    std::array<int, 2> a{};
    std::array<int, 2> b{};
    ASSERT_EQ(::pipe(a.data()), 0);
    ASSERT_EQ(::pipe(b.data()), 0);
    int calls = 0;
    const auto once = [&](std::uint32_t) {
        ++calls;
        loop->unwatch(a[0]);
        loop->unwatch(b[0]);
        loop->stop();
    };
    ASSERT_TRUE(loop->watch(a[0], EPOLLIN, once));
    ASSERT_TRUE(loop->watch(b[0], EPOLLIN, once));
    ASSERT_EQ(::write(a[1], "x", 1) + ::write(b[1], "x", 1), 2);
    ASSERT_TRUE(loop->run());
    EXPECT_EQ(calls, 1);
    for (const int fd : {a[0], a[1], b[0], b[1]}) ::close(fd);
}

}  // namespace
}  // namespace bulkhead
