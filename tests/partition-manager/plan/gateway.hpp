// A fake world with a planner over it, and the record of assignments that the journal would keep.
#pragma once

#include <gtest/gtest.h>

#include "partition-manager/plan/achieved.hpp"
#include "partition-manager/plan/planner.hpp"
#include "tests/fake/specs.hpp"
#include "tests/fake/world.hpp"

namespace bulkhead::plan {

struct Gateway {
    fake::World world = fake::new_world();
    model::Spec spec;
    model::Spec previous;
    Intent intent;

    Result<model::Plan> try_plan() {
        intent.spec = &spec;
        intent.previous = &previous;
        intent.uids = fake::uids_of(spec);
        return make_plan(intent, world.observed);
    }
    model::Plan plan() {
        auto made = try_plan();
        EXPECT_TRUE(made) << made.error().text();
        return made ? *made : model::Plan{};
    }
    void act(const model::Action& action) {
        if (const auto* assign = std::get_if<model::AssignDevice>(&action)) {
            intent.assignments[assign->assignment.device] = assign->assignment;
            intent.next_token = std::max(intent.next_token, assign->assignment.token + 1);
        }
        if (const auto* release = std::get_if<model::ReleaseDevice>(&action))
            intent.assignments.erase(release->device);
        const auto done = fake::act(world, action);
        ASSERT_TRUE(done) << verb(action) << " " << subject(action) << ": " << done.error().text();
        const auto seen = achieved(action, world.observed);
        ASSERT_TRUE(seen) << verb(action) << " " << subject(action) << ": " << seen.error().text();
    }
    void act(const model::Plan& plan, std::size_t count) {
        for (std::size_t i = 0; i < count && i < plan.steps.size(); ++i) act(plan.steps[i].action);
    }
    void converge() {
        const auto made = plan();
        act(made, made.steps.size());
        intent.restart.clear();
        previous = spec;
    }
};

inline std::string line_of(const model::Step& step) {
    return std::string(verb(step.action)) + " " + std::string(kind(step.action)) + " " + subject(step.action);
}

inline std::vector<std::string> lines_of(const model::Plan& plan) {
    std::vector<std::string> lines;
    for (const auto& step : plan.steps) lines.push_back(line_of(step));
    return lines;
}

}  // namespace bulkhead::plan
