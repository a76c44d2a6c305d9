#include "passthrough/inventory/uevents.hpp"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

namespace bulkhead::passthrough::inventory {
namespace {

using namespace std::chrono_literals;

// Has the kernel say that a network interface of ours was added: no device comes or goes.
bool trigger() {
    std::ofstream event("/sys/class/net/lo/uevent");
    event << "add" << std::flush;
    return static_cast<bool>(event);
}

TEST(Uevents, of_a_burst_are_told_once) {
    const auto loop = Loop::open().value();
    int told = 0;
    Uevents events(*loop, [&] {
        ++told;
        loop->after(500ms, [&] { loop->stop(); });
    });
    ASSERT_TRUE(events.open());
    for (int i = 0; i < 20; ++i)
        if (!trigger()) GTEST_SKIP() << "the kernel makes no events for us";
    loop->after(5s, [&] { loop->stop(); });
    ASSERT_TRUE(loop->run());
    EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace bulkhead::passthrough::inventory
