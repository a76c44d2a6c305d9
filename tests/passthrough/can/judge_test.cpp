#include "passthrough/can/judge.hpp"

#include <gtest/gtest.h>

namespace bulkhead::passthrough::can {
namespace {

using namespace std::chrono_literals;
using enum Judge::Verdict;

Judge judge_of(const std::string& rules) {
    return Judge(model::parse_can_guard(rules).value());
}

TEST(CanJudge, lets_pass_what_a_rule_names_and_nothing_else) {
    auto judge = judge_of("send 0x201; receive 0x180/0x7f0; send receive extended 0x18fee500/0x1fffff00");
    const Judge::Moment now{};
    EXPECT_EQ(judge.send({0x201, false}, now), passes);
    EXPECT_EQ(judge.send({0x202, false}, now), no_rule);
    EXPECT_EQ(judge.send({0x201, true}, now), no_rule);
    EXPECT_EQ(judge.send({0x181, false}, now), no_rule);
    EXPECT_EQ(judge.send({0x18fee5ab, true}, now), passes);
    EXPECT_TRUE(judge.hears({0x18f, false}));
    EXPECT_FALSE(judge.hears({0x190, false}));
    EXPECT_FALSE(judge.hears({0x201, false}));
    EXPECT_TRUE(judge.hears({0x18fee500, true}));
}

TEST(CanJudge, without_a_guard_lets_everything_pass) {
    Judge judge(model::everything_on_the_bus());
    for (const FrameId frame : {FrameId{0, false}, FrameId{0x7ff, false}, FrameId{0x1fffffff, true}}) {
        EXPECT_EQ(judge.send(frame, {}), passes);
        EXPECT_TRUE(judge.hears(frame));
    }
}

TEST(CanJudge, sends_only_with_an_open_gate_and_hears_unless_it_is_closed) {
    Judge judge(model::everything_on_the_bus());
    judge.set_gate(Gate::receive_only);
    EXPECT_EQ(judge.send({0x201, false}, {}), not_trusted);
    EXPECT_EQ(words({0x201, false}, not_trusted), "send 0x201: its partition is not trusted");
    EXPECT_TRUE(judge.hears({0x201, false}));
    judge.set_gate(Gate::closed);
    EXPECT_EQ(judge.send({0x201, false}, {}), not_trusted);
    EXPECT_FALSE(judge.hears({0x201, false}));
    judge.set_gate(Gate::open);
    EXPECT_EQ(judge.send({0x201, false}, {}), passes);
}

TEST(CanJudge, counts_each_rules_rate_alone) {
    auto judge = judge_of("send 0x201 at 20/s; send 0x202 at 20/s");
    Judge::Moment now{1h};
    EXPECT_EQ(judge.send({0x201, false}, now), passes);
    EXPECT_EQ(judge.send({0x201, false}, now), passes);  // a tenth of a second's worth
    EXPECT_EQ(judge.send({0x201, false}, now), above_rate);
    EXPECT_EQ(judge.send({0x202, false}, now), passes);
    EXPECT_EQ(judge.send({0x201, false}, now + 49ms), above_rate);
    EXPECT_EQ(judge.send({0x201, false}, now + 50ms), passes);
    int passed = 0;
    for (int i = 0; i < 1000; ++i)
        if (judge.send({0x201, false}, now + 1s + i * 1ms) == passes) ++passed;
    EXPECT_GE(passed, 20);
    EXPECT_LE(passed, 22);
}

TEST(CanJudge, says_what_it_refused_and_why) {
    EXPECT_EQ(words({0x7f, false}, no_rule), "send 0x07f: no rule allows it");
    EXPECT_EQ(words({0x18fee500, true}, above_rate), "send 0x18fee500: above the rate");
}

}  // namespace
}  // namespace bulkhead::passthrough::can
