// Properties over random specs and random damage. A failure prints the seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "partition-manager/plan/allowed.hpp"
#include "partition-manager/plan/order.hpp"
#include "tests/partition-manager/plan/gateway.hpp"

namespace bulkhead::plan {
namespace {

using model::Disruption;

constexpr unsigned rounds = 2000;

unsigned pick(std::mt19937& random, std::size_t count) {
    return std::uniform_int_distribution<unsigned>(0, static_cast<unsigned>(count) - 1)(random);
}

template <class Map>
auto any_of(std::mt19937& random, Map& map) {
    return std::next(map.begin(), pick(random, map.size()));
}

// What happens to a gateway behind the manager's back.
void damage(Gateway& gateway, std::mt19937& random) {
    auto& seen = gateway.world.observed;
    switch (pick(random, 9)) {
        case 0:
            if (!seen.machines.empty()) any_of(random, seen.machines)->second.power = model::Power::off;
            break;
        case 1:
            if (auto it = seen.machines.begin(); it != seen.machines.end())
                if (it = any_of(random, seen.machines); it->second.power == model::Power::running)
                    it->second.power = model::Power::paused;
            break;
        case 2:
            if (!seen.ports.empty()) any_of(random, seen.ports)->second.guarded = false;
            break;
        case 3:
            if (!seen.ports.empty()) {
                const auto lost = any_of(random, seen.ports);
                std::erase_if(seen.rules, [&](const auto& r) {
                    return r.from == lost->first || r.to == lost->first || r.via == lost->first;
                });
                seen.ports.erase(lost);
            }
            break;
        case 4:
            if (!seen.rules.empty()) seen.rules.erase(any_of(random, seen.rules));
            break;
        case 5:
            if (!seen.assignments.empty()) any_of(random, seen.assignments)->second.serving = false;
            break;
        case 6:
            gateway.intent.assignments.clear();
            gateway.intent.next_token = 1;
            break;
        case 7:
            if (!seen.guards.empty())
                any_of(random, seen.guards)->second.error = "its process does not answer";
            break;
        default:
            // A reboot of the host.
            for (auto& [name, machine] : seen.machines) machine.power = model::Power::off;
            seen.ports.clear();
            seen.rules.clear();
            seen.assignments.clear();
            seen.guards.clear();
    }
}

void expect_sound(const model::Plan& plan) {
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
        for (const auto before : plan.steps[i].after) {
            EXPECT_LT(before, i);
            EXPECT_LT(level(plan.steps[before].action), level(plan.steps[i].action));
        }
}

// Whatever was begun, whatever broke and whatever the next spec is: one plan leads to it, every step is
// possible when its turn comes, and then nothing is left to do.
TEST(RandomPlan, leads_from_any_state_to_the_spec) {
    std::mt19937 random(20310504);
    Gateway gateway;
    for (unsigned round = 0; round < rounds; ++round) {
        SCOPED_TRACE(round);
        gateway.spec = fake::random_spec(random);
        const auto begun = gateway.plan();
        expect_sound(begun);
        gateway.act(begun, pick(random, begun.steps.size() + 1));
        if (pick(random, 3) == 0) gateway.spec = fake::random_spec(random);
        if (pick(random, 2) == 0) damage(gateway, random);
        gateway.converge();
        EXPECT_TRUE(gateway.plan().empty());
        if (testing::Test::HasFailure()) break;
    }
}

TEST(RandomPlan, is_the_same_every_time) {
    std::mt19937 random(7);
    for (unsigned round = 0; round < 50; ++round) {
        Gateway gateway;
        gateway.spec = fake::random_spec(random);
        EXPECT_EQ(gateway.plan(), gateway.plan());
    }
}

std::optional<Objection> no_disruption(const model::Step& step) {
    if (step.disruption == Disruption::restart || step.disruption == Disruption::detach)
        return Objection{"named-only", "not named", ""};
    return std::nullopt;
}

// Background reconciliation: what runs goes on running with all that it has, and a second look finds nothing
// more to do.
TEST(RandomPlan, without_permits_disturbs_nothing_that_runs_and_comes_to_rest) {
    std::mt19937 random(4711);
    for (unsigned round = 0; round < rounds; ++round) {
        SCOPED_TRACE(round);
        Gateway gateway;
        gateway.spec = fake::random_spec(random);
        gateway.converge();
        gateway.spec = fake::random_spec(random);
        if (pick(random, 2) == 0) damage(gateway, random);
        const auto before = gateway.world;
        const auto first = allowed(gateway.plan(), no_disruption);
        gateway.act(first.runnable, first.runnable.steps.size());
        for (const auto& [name, machine] : before.observed.machines) {
            if (machine.power != model::Power::running) continue;
            EXPECT_EQ(gateway.world.observed.machines.at(name), machine);
            EXPECT_EQ(gateway.world.starts.at(name), before.starts.at(name));
            for (const auto& [device, held] : before.observed.assignments) {
                if (held.assignment.partition != name) continue;
                EXPECT_EQ(gateway.world.observed.assignments.at(device).assignment, held.assignment);
            }
        }
        const auto second = allowed(gateway.plan(), no_disruption);
        EXPECT_TRUE(second.runnable.empty()) << lines_of(second.runnable)[0];
        if (testing::Test::HasFailure()) break;
    }
}

}  // namespace
}  // namespace bulkhead::plan
