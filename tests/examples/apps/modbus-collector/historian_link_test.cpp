#include "examples/apps/modbus-collector/historian_link.hpp"

#include <gtest/gtest.h>

#include "examples/apps/historian/inbox.hpp"

namespace modbus_collector {
namespace {

TEST(Target, is_an_address_of_either_family_with_a_port) {
    EXPECT_EQ(parse_target("10.20.9.2:8883")->address.ss_family, AF_INET);
    EXPECT_EQ(parse_target("[fd20:9::2]:8883")->address.ss_family, AF_INET6);
    for (const char* text : {"", "10.20.9.2", "10.20.9.2:", "10.20.9.2:0", "10.20.9.2:70000",
                             "historian:8883", "fd20:9::2:8883", "[fd20:9::2]", "[10.20.9.2]:1", ":8883"})
        EXPECT_FALSE(parse_target(text)) << text;
}

TEST(HistorianLink, sends_readings_and_comes_back_after_a_pause) {
    std::vector<std::string> lines;
    const auto hear = [&](const std::string& line) { lines.push_back(line); };
    auto inbox = std::make_unique<historian::Inbox>(hear);
    ASSERT_TRUE(inbox->listen(0));
    const auto port = inbox->port();
    HistorianLink link(*parse_target("127.0.0.1:" + std::to_string(port)));
    auto now = HistorianLink::Time{} + std::chrono::hours(1);
    const auto say = [&](const std::string& line, std::size_t wanted) {
        for (int i = 0; i < 100 && lines.size() < wanted; ++i) {
            link.send(line, now);
            inbox->serve(100);
            inbox->serve(0);
        }
    };
    say("first", 1);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.front(), "first");
    // The historian ends; nothing waits for it, and after the pause the link is made again.
    inbox.reset();
    for (int i = 0; i < 100; ++i) link.send("lost", now);
    inbox = std::make_unique<historian::Inbox>(hear);
    ASSERT_TRUE(inbox->listen(port)) << "the port was taken meanwhile";
    lines.clear();
    now += std::chrono::seconds(6);
    say("second", 1);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.front(), "second");
}

}  // namespace
}  // namespace modbus_collector
