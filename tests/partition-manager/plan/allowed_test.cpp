#include "partition-manager/plan/allowed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/partition-manager/plan/gateway.hpp"

namespace bulkhead::plan {
namespace {

using testing::ElementsAre;

Judge refuses(const std::string& line) {
    return [line](const model::Step& step) -> std::optional<Objection> {
        if (line_of(step) == line) return Objection{"rule", "no", "mend"};
        return std::nullopt;
    };
}

Gateway changed_factory() {
    Gateway gateway;
    gateway.spec = fake::factory();
    gateway.converge();
    gateway.spec.partitions[0].memory = 256_MiB;
    gateway.spec.partitions[1].memory = 256_MiB;
    return gateway;
}

TEST(Allowed, leaves_a_plan_alone_that_nothing_speaks_against) {
    const auto plan = changed_factory().plan();
    const auto result = allowed(plan, [](const model::Step&) { return std::nullopt; });
    EXPECT_EQ(result.runnable, plan);
    EXPECT_TRUE(result.refusals.empty());
}

TEST(Allowed, drops_what_depends_on_a_refused_step_and_runs_the_rest) {
    const auto plan = changed_factory().plan();
    const auto result = allowed(plan, refuses("stop partition robot-cell"));
    EXPECT_THAT(lines_of(result.runnable),
                ElementsAre("stop partition press", "define partition press", "start partition press"));
    ASSERT_EQ(result.refusals.size(), 1U);
    EXPECT_EQ(line_of(plan.steps[result.refusals[0].step]), "stop partition robot-cell");
    EXPECT_EQ(result.runnable.steps[2].after, (std::set<std::size_t>{0, 1}));
}

TEST(Allowed, stops_nothing_that_could_not_be_started_again) {
    const auto plan = changed_factory().plan();
    const auto result = allowed(plan, refuses("define partition press"));
    EXPECT_THAT(lines_of(result.runnable),
                ElementsAre("stop partition robot-cell", "define partition robot-cell",
                            "start partition robot-cell"));
}

}  // namespace
}  // namespace bulkhead::plan
