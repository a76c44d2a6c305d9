#include "console/server/relayed_calls.hpp"

#include <gtest/gtest.h>

namespace bulkhead::console {
namespace {

struct RelayedCallsTest : testing::Test {
    std::unique_ptr<RelayedCall> open(std::uint32_t window) {
        return calls.open({"user:vera", "acme"}, "Capture", "request",
                          {[](const std::string&) {}, [](const Errors&) {}, window});
    }
    std::vector<api::FromConsole> sent;
    RelayedCalls calls{[this](api::FromConsole message) { sent.push_back(std::move(message)); }};
};

TEST_F(RelayedCallsTest, begin_with_who_asks_and_for_how_much) {
    const auto call = open(1000);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].call().method(), "Capture");
    EXPECT_EQ(sent[0].call().actor(), "user:vera");
    EXPECT_EQ(sent[0].call().tenant(), "acme");
    EXPECT_EQ(sent[0].call().window(), 1000U);
    EXPECT_TRUE(sent[0].call().half_close());
}

TEST_F(RelayedCallsTest, ask_for_as_much_again_as_was_read) {
    const auto call = open(1000);
    call->taken(400);
    EXPECT_EQ(sent.size(), 1U);  // less than half
    call->taken(100);
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[1].call().id(), sent[0].call().id());
    EXPECT_EQ(sent[1].call().window(), 400U + 64 + 100 + 64);
    EXPECT_EQ(sent[1].call().method(), "");
    call->taken(400);
    EXPECT_EQ(sent.size(), 2U);
}

TEST_F(RelayedCallsTest, without_a_window_ask_for_nothing) {
    const auto call = open(0);
    call->taken(1'000'000);
    EXPECT_EQ(sent.size(), 1U);
}

TEST_F(RelayedCallsTest, that_have_ended_ask_for_nothing) {
    const auto call = open(1000);
    calls.end({Code::unavailable, "cut"});
    call->taken(1000);
    EXPECT_EQ(sent.size(), 1U);
}

}  // namespace
}  // namespace bulkhead::console
