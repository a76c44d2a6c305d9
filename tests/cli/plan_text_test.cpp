#include "cli/plan_text.hpp"

#include <gtest/gtest.h>

#include "cli/failure.hpp"
#include "tests/cli/control_server.hpp"

namespace bulkhead::cli {
namespace {

TEST(PlanText, reads_like_a_diff) {
    EXPECT_EQ(plan_text(canned_plan(), {}),
              "+ create volume robot-cell/data 64MiB\n"
              "- release device can-1 from press  [detach]\n"
              "~ stop partition robot-cell  [restart]\n"
              "~ define partition robot-cell 1 cpu, 256MiB, partition-base\n"
              "    because: memory 192MiB -> 256MiB\n"
              "~ start partition robot-cell\n"
              "~ open conduit readings tcp/8883  [live]\n"
              "\n"
              "6 steps: 1 to make, 2 to change, 1 to take away. Restarts robot-cell. Detaches can-1.\n");
}

TEST(PlanText, says_so_if_there_is_nothing_to_do) {
    EXPECT_EQ(plan_text({}, {}), "Nothing to do: the gateway is as the spec wants it.\n");
}

TEST(PlanText, tells_the_order_when_wide) {
    const std::string text = plan_text(canned_plan(), {.wide = true});
    EXPECT_NE(text.find("partition-base  (step 4, after 1, 3)\n"), std::string::npos) << text;
}

TEST(PlanText, refusals_name_the_rule_and_the_flags_that_allow_them) {
    EXPECT_EQ(refusals_text(canned_plan(), {.file = "factory.yaml"}),
              "refused: robot-cell runs and would be restarted\n"
              "  step: 3, stop partition robot-cell\n"
              "  rule: disruption-by-name\n"
              "  mend: allow it with --allow-restart robot-cell\n"
              "refused: can-1 would be taken from press, which runs\n"
              "  step: 2, release device can-1 from press\n"
              "  rule: disruption-by-name\n"
              "  mend: --allow-detach can-1\n"
              "\n"
              "To allow all of this:\n"
              "  bulkhead apply -f factory.yaml --allow-restart robot-cell --allow-detach can-1\n");
}

TEST(PlanText, offers_no_flag_against_a_lock) {
    auto plan = canned_plan();
    plan.mutable_refusals(0)->set_mend("bulkhead unlock robot-cell");
    EXPECT_TRUE(flags_that_allow(plan).empty());
}

TEST(Failure, errors_are_sorted_by_place_and_not_as_text) {
    Failure failure;
    failure.problems = {{"invalid", "c", "f.yaml:14:9", "", ""},
                        {"invalid", "b", "f.yaml:9:12", "this", "that"},
                        {"invalid", "a", "f.yaml:9:2", "", ""}};
    EXPECT_EQ(failure_text(failure, false),
              "error[invalid]: f.yaml:9:2: a\n"
              "error[invalid]: f.yaml:9:12: b\n"
              "  wanted: this\n"
              "  mend: that\n"
              "error[invalid]: f.yaml:14:9: c\n"
              "3 errors\n");
}

}  // namespace
}  // namespace bulkhead::cli
