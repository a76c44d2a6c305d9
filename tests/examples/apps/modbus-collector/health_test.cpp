#include "examples/apps/modbus-collector/health.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace modbus_collector {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

struct Collected : testing::Test {
    Health::Time start{};
    Lines lines;
    Health health{"unit 1", 5s, start, [this](const std::string& line) { lines.push_back(line); }};
};

TEST_F(Collected, a_reading_is_printed_when_it_changes) {
    health.answered(start + 1s, "spindle 1480 rpm");
    health.answered(start + 2s, "spindle 1480 rpm");
    health.answered(start + 3s, "spindle 1481 rpm");
    EXPECT_EQ(lines, (Lines{"reading: spindle 1480 rpm", "reading: spindle 1481 rpm"}));
}

TEST_F(Collected, silence_is_told_once_and_its_end_too) {
    health.answered(start, "a");
    for (int second = 1; second < 10; ++second) health.silent(start + std::chrono::seconds(second));
    health.answered(start + 10s, "a");
    EXPECT_EQ(lines, (Lines{"reading: a", "degraded: no answer from unit 1 for 5 s", "ok"}));
}

TEST_F(Collected, a_unit_that_never_answers_is_degraded_too) {
    health.silent(start + 4s);
    EXPECT_EQ(lines, Lines{});
    health.silent(start + 5s);
    EXPECT_EQ(lines, Lines{"degraded: no answer from unit 1 for 5 s"});
}

}  // namespace
}  // namespace modbus_collector
