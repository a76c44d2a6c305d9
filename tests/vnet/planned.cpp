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
    const auto taken = try_apply(spec);
    EXPECT_TRUE(taken) << taken.error().text();
    return taken.value_or(1);
}

Result<std::size_t> Planned::try_apply(const model::Spec& spec) const {
    plan::Intent intent;
    intent.spec = &spec;
    intent.uids = fake::uids_of(spec);
    BULKHEAD_TRY_ASSIGN(const auto plan, plan::make_plan(intent, look()));
    std::size_t taken = 0;
    for (const auto& step : plan.steps) {
        const auto able =
            std::ranges::find_if(drivers_, [&](const auto* driver) { return driver->handles(step.action); });
        if (able == drivers_.end()) continue;
        ++taken;
        if (auto done = (*able)->execute(step.action); !done) {
            done.error().what = std::string(model::verb(step.action)) + " " + model::subject(step.action) +
                                ": " + done.error().what;
            return std::unexpected(done.error());
        }
        BULKHEAD_TRY(plan::achieved(step.action, look()));
    }
    return taken;
}

void Planned::converge(const model::Spec& spec) const {
    apply(spec);
    EXPECT_EQ(apply(spec), 0U) << "what was done is not what was wanted";
}

}  // namespace bulkhead::vnet::test
