#include "model/can.hpp"

#include <gtest/gtest.h>

#include "model/line_rules.hpp"
#include "model/resources.hpp"

namespace bulkhead::model {
namespace {

TEST(LineRules, of_a_bus_are_the_same_after_a_way_through_text) {
    CanGuard guard;
    for (const char* rule : {"send 0x201 at 20/s", "receive extended 0x18fee500/0x1fffff00"})
        guard.allow.push_back(parse_can_rule(rule).value());
    for (const LineRules& rules : {LineRules(CanBus{guard, 500'000}), LineRules(SlcanGuard{guard, 125'000}),
                                   LineRules(CanBus{everything_on_the_bus(), 1'000'000})}) {
        const auto again = parse_line_rules(to_string(rules));
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_EQ(*again, rules) << to_string(rules);
    }
    EXPECT_EQ(to_string(LineRules(CanBus{guard, 500'000})),
              "can 500000; send 0x201 at 20/s; receive extended 0x18fee500/0x1fffff00");
    for (const char* text : {"can", "can x", "can 1000001", "canbus 500000", "can 500000; send 0x800"})
        EXPECT_FALSE(parse_line_rules(text)) << text;
}

TEST(CanGuard, of_everything_is_known_as_such_after_a_way_through_text) {
    const auto again = parse_can_guard(to_string(everything_on_the_bus()));
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->is_everything());
    EXPECT_FALSE(again->is_receive_only());
    EXPECT_FALSE((CanGuard{{parse_can_rule("send receive 0x0/0x0").value()}}.is_everything()));
}

TEST(CanPortName, is_one_that_the_kernel_takes) {
    EXPECT_EQ(can_port_name(DeviceName("can-robot")), can_port_name(DeviceName("can-robot")));
    EXPECT_NE(can_port_name(DeviceName("can-robot")), can_port_name(DeviceName("can-press")));
    EXPECT_LE(can_port_name(DeviceName(std::string(63, 'a'))).str().size(), 15U);
}

}  // namespace
}  // namespace bulkhead::model
