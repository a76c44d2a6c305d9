#include "examples/simulators/plc/machine_tool.hpp"

#include <gtest/gtest.h>

namespace bulkhead::simulators {
namespace {

using namespace std::chrono_literals;

TEST(MachineTool, registers_move_within_what_a_spindle_does) {
    int changes = 0;
    auto before = registers_at(0s);
    for (auto age = 1s; age < 600s; age += 1s) {
        const auto now = registers_at(age);
        EXPECT_NEAR(now[spindle_speed], 1480, 17);
        EXPECT_GE(now[temperature], 200);
        EXPECT_LE(now[temperature], 490);
        changes += now[spindle_speed] != before[spindle_speed] ? 1 : 0;
        before = now;
    }
    EXPECT_GT(changes, 300);
}

TEST(MachineTool, the_part_counter_carries_into_its_high_word) {
    const auto registers = registers_at(12s * 65'537);
    EXPECT_EQ(registers[parts_low], 1);
    EXPECT_EQ(registers[parts_high], 1);
}

}  // namespace
}  // namespace bulkhead::simulators
