#include "partition-manager/daemon/convert.hpp"

#include <gtest/gtest.h>

namespace bulkhead::daemon {
namespace {

TEST(Convert, reads_permits) {
    v1alpha1::Permits message;
    message.add_restart("press");
    message.add_detach("can-1");
    message.add_delete_volumes("robot-cell/data");
    const auto permits = from_message(message);
    ASSERT_TRUE(permits);
    EXPECT_EQ(permits->restart, std::set{model::PartitionName("press")});
    EXPECT_EQ(permits->detach, std::set{model::DeviceName("can-1")});
    EXPECT_EQ(permits->delete_volumes,
              (std::set{model::VolumeId{model::PartitionName("robot-cell"), model::VolumeName("data")}}));
    message.add_delete_volumes("data");
    EXPECT_EQ(from_message(message).error().code, Code::invalid);
}

// Two steps, the second after the first.
model::Plan small_plan() {
    model::Plan plan;
    const model::PartitionName press("press");
    plan.steps.push_back(
        {model::StopMachine{press}, model::Disruption::restart, "memory changed", press, {}});
    plan.steps.push_back({model::StartMachine{press}, model::Disruption::none, "", press, {0}});
    plan.notes = {"volume press/data is kept"};
    return plan;
}

TEST(Convert, counts_steps_from_one) {
    const auto plan = small_plan();
    const auto step = to_message(plan.steps[1], 1);
    EXPECT_EQ(step.id(), 2U);
    EXPECT_EQ(step.action(), "start");
    EXPECT_EQ(step.kind(), "partition");
    EXPECT_EQ(step.subject(), "press");
    EXPECT_EQ(step.partition(), "press");
    ASSERT_EQ(step.after_size(), 1);
    EXPECT_EQ(step.after(0), 1U);
    EXPECT_EQ(to_message(plan.steps[0], 0).disruption(), "restart");
    EXPECT_EQ(to_message(plan.steps[0], 0).reason(), "memory changed");
}

TEST(Convert, shows_a_plan_with_what_is_refused_and_what_should_be_known) {
    const Judged judged{small_plan(),
                        {{0, {"disruption/locked", "press is locked", "bulkhead unlock press"}}}};
    v1alpha1::PlanReply reply;
    fill(reply, judged);
    EXPECT_EQ(reply.steps_size(), 2);
    ASSERT_EQ(reply.refusals_size(), 1);
    EXPECT_EQ(reply.refusals(0).step(), 1U);
    EXPECT_EQ(reply.refusals(0).rule(), "disruption/locked");
    EXPECT_EQ(reply.refusals(0).mend(), "bulkhead unlock press");
    ASSERT_EQ(reply.notes_size(), 1);
    EXPECT_EQ(reply.notes(0), "volume press/data is kept");
}

TEST(Convert, tells_the_whole_plan_first_and_then_one_step_at_a_time) {
    const auto plan = small_plan();
    const auto first = to_message(
        OperationProgress{apply::OperationId("op-1"), &plan, 0, apply::StepState::planned, nullptr});
    EXPECT_EQ(first.operation(), "op-1");
    EXPECT_EQ(first.state(), v1alpha1::Progress::planned);
    EXPECT_EQ(first.steps_size(), 2);
    const Error error{Code::io, "no space", "", "", ""};
    const auto failed =
        to_message(OperationProgress{apply::OperationId("op-1"), &plan, 1, apply::StepState::failed, &error});
    EXPECT_EQ(failed.state(), v1alpha1::Progress::failed);
    EXPECT_EQ(failed.steps_size(), 0);
    EXPECT_EQ(failed.step().id(), 2U);
    EXPECT_EQ(failed.error().what(), "no space");
}

}  // namespace
}  // namespace bulkhead::daemon
