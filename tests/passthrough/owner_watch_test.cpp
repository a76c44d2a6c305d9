#include "passthrough/owner_watch.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "examples/simulators/pty.hpp"
#include "tests/passthrough/line.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

TEST(OwnerWatch, tells_of_an_owner_that_comes_and_goes_and_of_its_device) {
    const Line line;
    const auto loop = *Loop::open();
    std::vector<std::string> told;
    std::unique_ptr<Child> owner;
    std::unique_ptr<Result<simulators::Pty>> device;
    const OwnerWatch watch(*loop, line.control(), [&](const auto& state) {
        const std::string now = !state ? "no owner" : state->present ? "present" : "absent";
        // An absent device may be told of again when the reason changes: unplugged, then no such file.
        if (!told.empty() && told.back() == now) return;
        told.push_back(now);
        // Each step is the answer to what was told of the one before.
        if (told.size() == 1) owner = line.start_owner();
        if (told.size() == 2)
            device = std::make_unique<Result<simulators::Pty>>(simulators::Pty::open(line.device()));
        if (told.size() == 3) device.reset();
        if (told.size() == 4) owner->signal(SIGKILL);
        if (told.size() == 5) loop->stop();
    });
    loop->after(20s, [&] { loop->stop(); });
    ASSERT_TRUE(loop->run());
    EXPECT_EQ(told, (std::vector<std::string>{"no owner", "absent", "present", "absent", "no owner"}));
}

}  // namespace
}  // namespace bulkhead::passthrough
