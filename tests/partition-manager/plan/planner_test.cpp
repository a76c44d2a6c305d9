#include "partition-manager/plan/planner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "partition-manager/plan/allowed.hpp"
#include "tests/partition-manager/plan/factory.hpp"

namespace bulkhead::plan {
namespace {

using model::Disruption;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Planner, makes_everything_in_the_order_of_its_needs) {
    Gateway gateway;
    gateway.spec = fake::factory();
    const auto plan = gateway.plan();
    EXPECT_THAT(
        lines_of(plan),
        ElementsAre("create volume robot-cell/data", "create port robot-cell/eth0", "assign device rs485-1",
                    "define partition robot-cell", "start partition robot-cell", "create port press/eth0",
                    "assign device can-1", "define partition press", "start partition press",
                    "create port it-admin/eth0", "define partition it-admin", "start partition it-admin",
                    "open conduit forces", "open conduit readings"));
    for (const auto& step : plan.steps) EXPECT_EQ(step.disruption, Disruption::none) << line_of(step);
    EXPECT_EQ(step_of(plan, "start partition robot-cell").after, (std::set<std::size_t>{0, 1, 2, 3}));
}

// The robot's application comes from this bundle, which was verified for it.
model::Bundle watch(char digit = 'a') {
    return {
        {model::BundleName("watch"), std::string(64, digit)}, "1.2.0", 64_MiB, {"unit"}, "/disk.img", "d1"};
}
void use_bundle(Gateway& gateway, const model::Bundle& bundle) {
    robot(gateway).application = model::Application{.config = {{"unit", "1"}}, .bundle = bundle.reference};
    gateway.world.observed.bundles = {{robot(gateway).name, bundle}};
}

TEST(Planner, gives_a_machine_the_bundle_that_was_verified_for_its_partition) {
    auto gateway = running_factory();
    use_bundle(gateway, watch());
    const auto plan = gateway.plan();
    const auto& define = std::get<model::DefineMachine>(step_of(plan, "define partition robot-cell").action);
    EXPECT_EQ(define.machine.bundle, watch());
    EXPECT_THAT(step_of(plan, "stop partition robot-cell").reason, HasSubstr("watch@sha256:aaaa"));
    gateway.converge();
    EXPECT_EQ(gateway.plan(), model::Plan{});
    use_bundle(gateway, watch('b'));
    EXPECT_EQ(step_of(gateway.plan(), "stop partition robot-cell").disruption, Disruption::restart);
}

TEST(Planner, refuses_a_bundle_that_was_not_verified_for_its_partition) {
    auto gateway = running_factory();
    use_bundle(gateway, watch());
    gateway.world.observed.bundles.clear();
    const auto refused = gateway.try_plan();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::not_found);
    EXPECT_EQ(refused.error().where, "partition/robot-cell");
}

TEST(Planner, refuses_a_bundle_that_needs_more_memory_or_other_settings) {
    auto gateway = running_factory();
    auto bundle = watch();
    bundle.memory = 1024_MiB;
    use_bundle(gateway, bundle);
    EXPECT_THAT(gateway.try_plan().error().what, HasSubstr("needs 1GiB of memory"));
    use_bundle(gateway, watch());
    robot(gateway).application->config = {{"unt", "1"}};
    const auto refused = gateway.try_plan();
    EXPECT_THAT(refused.error().what, HasSubstr("knows no setting 'unt'"));
    EXPECT_EQ(refused.error().mend, "write unit");
}

TEST(Planner, plans_nothing_when_everything_is_as_wanted) {
    auto gateway = running_factory();
    EXPECT_EQ(gateway.plan(), model::Plan{});
}

TEST(Planner, removes_in_the_inverse_order) {
    auto gateway = running_factory();
    gateway.intent.spec = nullptr;
    const auto plan = make_plan(gateway.intent, gateway.world.observed);
    ASSERT_TRUE(plan);
    std::vector<std::string> robot_steps;
    for (const auto& step : plan->steps)
        if (step.partition.str() == "robot-cell") robot_steps.push_back(line_of(step));
    EXPECT_THAT(robot_steps,
                ElementsAre("stop partition robot-cell", "undefine partition robot-cell",
                            "release device rs485-1", "delete port " + subject_of_port("robot-cell")));
    EXPECT_EQ(line_of(plan->steps[0]), "close conduit forces");
    EXPECT_THAT(plan->notes, ElementsAre(HasSubstr("volume robot-cell/data (64MiB) is kept")));
    gateway.act(*plan, plan->steps.size());
    EXPECT_THAT(gateway.world.observed.machines, IsEmpty());
    EXPECT_THAT(gateway.world.observed.ports, IsEmpty());
    EXPECT_THAT(gateway.world.observed.assignments, IsEmpty());
    EXPECT_EQ(gateway.world.observed.volumes.size(), 1U);
}

TEST(Planner, deletes_a_volume_only_if_its_deletion_is_permitted) {
    auto gateway = running_factory();
    robot(gateway).volumes.clear();
    gateway.intent.permits.delete_volumes = {{model::PartitionName("robot-cell"), model::VolumeName("data")}};
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan), ElementsAre("stop partition robot-cell", "define partition robot-cell",
                                            "delete volume robot-cell/data", "start partition robot-cell"));
    gateway.spec = fake::factory();
    EXPECT_EQ(gateway.try_plan().error().code, Code::invalid);
}

TEST(Planner, restarts_only_the_partition_that_changed_and_says_what_changed) {
    auto gateway = running_factory();
    robot(gateway).memory = 256_MiB;
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan), ElementsAre("stop partition robot-cell", "define partition robot-cell",
                                            "start partition robot-cell"));
    EXPECT_EQ(plan.steps[0].disruption, Disruption::restart);
    EXPECT_EQ(plan.steps[0].reason, "memory 192MiB -> 256MiB");
    EXPECT_EQ(plan.steps[1].disruption, Disruption::none);
}

TEST(Planner, says_no_more_than_it_knows_about_a_change) {
    auto gateway = running_factory();
    robot(gateway).memory = 256_MiB;
    gateway.previous.partitions.clear();
    EXPECT_EQ(gateway.plan().steps[0].reason, "configuration changed");
}

TEST(Planner, restarts_for_a_new_image) {
    auto gateway = running_factory();
    gateway.world.observed.images.at(model::ImageName("partition-base")).digest = std::string(64, 'f');
    const auto plan = gateway.plan();
    EXPECT_EQ(plan.steps.size(), 9U);
    EXPECT_EQ(plan.steps[0].reason, "partition-base aaaaaaaaaaaa -> ffffffffffff");
}

// A kernel under which the switch can guard what guests leave to the host, and one under which it can't.
TEST(Planner, restarts_for_offloads_that_the_host_can_guard_or_no_more_and_settles) {
    auto gateway = running_factory();
    for (const bool offered : {true, false}) {
        gateway.world.observed.host.offloads = offered;
        const auto plan = gateway.plan();
        EXPECT_EQ(step_of(plan, "stop partition robot-cell").disruption, Disruption::restart);
        EXPECT_EQ(step_of(plan, "stop partition robot-cell").reason,
                  offered ? "offloads none -> offered" : "offloads offered -> none");
        for (const auto& step : plan.steps) {
            const auto* define = std::get_if<model::DefineMachine>(&step.action);
            if (define != nullptr) {
                EXPECT_EQ(define->machine.offloads, offered);
            }
        }
        gateway.converge();
        EXPECT_TRUE(gateway.plan().empty());
    }
}

TEST(Planner, changes_offloads_of_a_machine_that_is_off_without_a_disruption) {
    auto gateway = running_factory();
    for (auto& [name, machine] : gateway.world.observed.machines) machine.power = model::Power::off;
    gateway.world.observed.host.offloads = true;
    for (const auto& step : gateway.plan().steps)
        EXPECT_EQ(step.disruption, Disruption::none) << line_of(step);
    gateway.converge();
    EXPECT_TRUE(gateway.plan().empty());
}

TEST(Planner, offers_nothing_to_a_partition_without_an_interface) {
    auto gateway = running_factory();
    press(gateway).interfaces.clear();
    gateway.spec.conduits.clear();
    gateway.converge();
    gateway.world.observed.host.offloads = true;
    for (const auto& step : gateway.plan().steps) EXPECT_NE(model::subject(step.action), "press");
}

TEST(Planner, ignores_what_no_machine_sees) {
    auto gateway = running_factory();
    gateway.spec.labels["line"] = "4";
    gateway.spec.site = "hall-3";
    robot(gateway).lock = model::Lock{"anna", "test run"};
    gateway.spec.conduits[0].because = "other words";
    EXPECT_TRUE(gateway.plan().empty());
}

TEST(Planner, changes_conduits_live) {
    auto gateway = running_factory();
    gateway.spec.conduits[0].allow = {{model::Transport::udp, 5000}};
    gateway.spec.conduits.pop_back();
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan),
                ElementsAre("close conduit forces", "close conduit readings", "open conduit readings"));
    for (const auto& step : plan.steps) EXPECT_EQ(step.disruption, Disruption::live);
}

TEST(Planner, swaps_the_addresses_of_two_partitions) {
    auto gateway = running_factory();
    std::swap(robot(gateway).interfaces, press(gateway).interfaces);
    gateway.converge();
    EXPECT_TRUE(gateway.plan().empty());
}

TEST(Planner, starts_what_crashed_unless_it_is_held_or_backs_off) {
    auto gateway = running_factory();
    const model::PartitionName name("robot-cell");
    gateway.world.observed.machines.at(name).power = model::Power::off;
    EXPECT_THAT(lines_of(gateway.plan()), ElementsAre("start partition robot-cell"));
    gateway.intent.not_yet = {name};
    EXPECT_TRUE(gateway.plan().empty());
    gateway.intent.not_yet.clear();
    gateway.intent.stopped = {name};
    EXPECT_TRUE(gateway.plan().empty());
}

TEST(Planner, restarts_a_paused_machine_without_calling_it_a_disruption) {
    auto gateway = running_factory();
    const model::PartitionName name("press");
    gateway.world.observed.machines.at(name).power = model::Power::paused;
    const auto plan = gateway.plan();
    EXPECT_THAT(lines_of(plan), ElementsAre("stop partition press", "start partition press"));
    EXPECT_EQ(plan.steps[0].disruption, Disruption::none);
    gateway.intent.not_yet = {name};
    EXPECT_TRUE(gateway.plan().empty());
}

TEST(Planner, stops_and_restarts_what_a_person_asked_for) {
    auto gateway = running_factory();
    gateway.intent.restart = {model::PartitionName("press")};
    EXPECT_THAT(lines_of(gateway.plan()), ElementsAre("stop partition press", "start partition press"));
    EXPECT_EQ(gateway.plan().steps[0].disruption, Disruption::restart);
    gateway.intent.restart.clear();
    gateway.intent.stopped = {model::PartitionName("press")};
    EXPECT_THAT(lines_of(gateway.plan()), ElementsAre("stop partition press"));
}

TEST(Planner, guards_a_port_again_without_stopping_its_machine) {
    auto gateway = running_factory();
    gateway.world.observed.ports.begin()->second.guarded = false;
    const auto plan = gateway.plan();
    ASSERT_EQ(plan.steps.size(), 1U);
    EXPECT_EQ(verb(plan.steps[0].action), "create");
    EXPECT_EQ(plan.steps[0].disruption, Disruption::live);
}

TEST(Planner, restarts_a_machine_that_lost_its_port_and_makes_none_under_it) {
    auto gateway = running_factory();
    gateway.world.observed.ports.erase(model::PortName(subject_of_port("it-admin")));
    const auto plan = gateway.plan();
    EXPECT_EQ(plan.steps[0].disruption, Disruption::restart);
    EXPECT_THAT(plan.steps[0].reason, HasSubstr("is gone"));
    const auto background = allowed(plan, [](const model::Step& step) -> std::optional<Objection> {
        if (step.disruption == Disruption::restart) return Objection{"restart", "", ""};
        return std::nullopt;
    });
    EXPECT_TRUE(background.runnable.empty());
}

TEST(Planner, refuses_what_the_host_can_not_hold) {
    Gateway gateway;
    gateway.spec = fake::factory();
    robot(gateway).memory = Bytes{20ULL << 30U};
    EXPECT_EQ(gateway.try_plan().error().code, Code::unsupported);
    gateway.spec = fake::factory();
    robot(gateway).pin = {8};
    EXPECT_EQ(gateway.try_plan().error().what, "pinned to host CPU 8");
    gateway.spec = fake::factory();
    robot(gateway).cpus = 9;
    EXPECT_EQ(gateway.try_plan().error().code, Code::unsupported);
}

TEST(Planner, refuses_a_volume_of_another_size) {
    auto gateway = running_factory();
    robot(gateway).volumes[0].size = 128_MiB;
    EXPECT_EQ(gateway.try_plan().error().code, Code::conflict);
    EXPECT_THAT(gateway.try_plan().error().text(), HasSubstr("wanted its present size, 64MiB"));
}

TEST(Planner, names_the_image_that_is_missing) {
    Gateway gateway;
    gateway.spec = fake::factory();
    robot(gateway).image = model::ImageName("nowhere");
    EXPECT_EQ(gateway.try_plan().error().code, Code::not_found);
}

}  // namespace
}  // namespace bulkhead::plan
