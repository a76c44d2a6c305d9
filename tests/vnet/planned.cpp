#include "tests/vnet/planned.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "partition-manager/plan/achieved.hpp"
#include "partition-manager/plan/planner.hpp"
#include "tests/fake/specs.hpp"
#include "tests/fake/world.hpp"

namespace bulkhead::vnet::test {

model::Observed Planned::look() const {
    auto observed = fake::new_world().observed;
    for (auto* driver : drivers_) EXPECT_TRUE(driver->observe(observed));
    return observed;
}

std::size_t Planned::apply(const model::Spec& spec) const {
    plan::Intent intent;
    intent.spec = &spec;
    intent.uids = fake::uids_of(spec);
    const auto plan = plan::make_plan(intent, look());
    EXPECT_TRUE(plan) << plan.error().text();
    std::size_t taken = 0;
    for (const auto& step : plan->steps) {
        const auto able =
            std::ranges::find_if(drivers_, [&](const auto* driver) { return driver->handles(step.action); });
        if (able == drivers_.end()) continue;
        ++taken;
        if (const auto done = (*able)->execute(step.action); !done) {
            ADD_FAILURE() << model::verb(step.action) << " " << model::subject(step.action) << ": "
                          << done.error().text();
            return taken;
        }
        const auto seen = plan::achieved(step.action, look());
        EXPECT_TRUE(seen) << seen.error().text();
    }
    return taken;
}

void Planned::converge(const model::Spec& spec) const {
    apply(spec);
    EXPECT_EQ(apply(spec), 0U) << "what was done is not what was wanted";
}

}  // namespace bulkhead::vnet::test
