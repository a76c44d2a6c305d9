#include "passthrough/inventory/uevents.hpp"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <vector>

namespace bulkhead::passthrough::inventory {
namespace {

using namespace std::chrono_literals;

// Has the kernel say that a network interface of ours was added: no device comes or goes.
bool trigger() {
    std::ofstream event("/sys/class/net/lo/uevent");
    event << "add" << std::flush;
    return static_cast<bool>(event);
}

// Others make events too, on a machine that does more than test: then it is told again, and not before it was
// quiet.
TEST(Uevents, of_a_burst_are_told_once) {
    using Clock = std::chrono::steady_clock;
    const auto loop = Loop::open().value();
    std::vector<Clock::time_point> told;
    Uevents events(*loop, [&] {
        told.push_back(Clock::now());
        loop->after(500ms, [&] { loop->stop(); });
    });
    ASSERT_TRUE(events.open());
    if (!trigger()) GTEST_SKIP() << "the kernel makes no events for us";
    for (int i = 1; i < 20; ++i) loop->after(i * 10ms, [] { trigger(); });
    loop->after(5s, [&] { loop->stop(); });
    ASSERT_TRUE(loop->run());
    ASSERT_FALSE(told.empty());
    for (std::size_t i = 1; i < told.size(); ++i) EXPECT_GE(told[i] - told[i - 1], 300ms) << i;
}

}  // namespace
}  // namespace bulkhead::passthrough::inventory
