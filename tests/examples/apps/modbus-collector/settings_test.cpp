#include "examples/apps/modbus-collector/settings.hpp"

#include <gtest/gtest.h>

namespace modbus_collector {
namespace {

using namespace std::chrono_literals;

TEST(Registers, are_ranges_and_single_ones) {
    EXPECT_EQ(parse_registers("0-9"), (std::vector<Range>{{0, 10}}));
    EXPECT_EQ(parse_registers("0-9,20,65535"), (std::vector<Range>{{0, 10}, {20, 1}, {65535, 1}}));
    EXPECT_EQ(parse_registers("0-124"), (std::vector<Range>{{0, 125}}));
}

TEST(Registers, refuse_what_no_request_could_ask_for) {
    for (const auto* text :
         {"", "-", "9-0", "0-125", "65536", "0-", "-9", "1,,2", "1,", "a", "0 - 9", "0x10", "+1"})
        EXPECT_FALSE(parse_registers(text)) << text;
    std::string many = "1";
    for (int i = 0; i < 32; ++i) many += ",1";
    EXPECT_FALSE(parse_registers(many));
}

TEST(Period, has_a_unit) {
    EXPECT_EQ(parse_period("1s"), 1s);
    EXPECT_EQ(parse_period("250ms"), 250ms);
    EXPECT_EQ(parse_period("2min"), 2min);
    for (const auto* text : {"", "1", "0s", "s", "-1s", "1h", "1 s", "99999999999s"})
        EXPECT_FALSE(parse_period(text)) << text;
}

TEST(Settings, reads_a_setpoint) {
    EXPECT_EQ(parse_setpoint("4=900"), (Setpoint{4, 900}));
    for (const char* wrong : {"", "4", "4=", "=4", "65536=0", "0=65536", "4=900 ", "a=1"})
        EXPECT_FALSE(parse_setpoint(wrong)) << wrong;
}

TEST(Devices, the_first_is_ours) {
    EXPECT_EQ(first_device("rs485-1=/dev/ttyS1"), "/dev/ttyS1");
    EXPECT_EQ(first_device("rs485-1=/dev/ttyS1,can-1=/dev/ttyS2"), "/dev/ttyS1");
    EXPECT_FALSE(first_device(""));
    EXPECT_FALSE(first_device("rs485-1="));
}

}  // namespace
}  // namespace modbus_collector
