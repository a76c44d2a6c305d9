#include "policies/disruption.hpp"

#include <gtest/gtest.h>

#include <set>

namespace bulkhead::policies {
namespace {

using model::DeviceName;
using model::Disruption;
using model::PartitionName;
using model::VolumeId;
using model::VolumeName;

const PartitionName robot("robot-cell");
const DeviceName rs485("rs485-1");
const VolumeId data{robot, VolumeName("data")};
const Locks locked{{robot, {"Eva", "acceptance test"}}};

model::Step stop() {
    return {model::StopMachine{robot}, Disruption::restart, "memory 192MiB -> 256MiB", robot, {}};
}
model::Step detach() {
    return {model::ReleaseDevice{rs485, robot, 3}, Disruption::detach, "no longer used", robot, {}};
}
model::Step deletion() {
    return {model::DeleteVolume{data}, Disruption::none, "", robot, {}};
}
model::Permits everything() {
    return {{robot}, {rs485}, {data}};
}

void expect_refusal(const Verdict& verdict, std::string_view rule, std::string_view what,
                    std::string_view mend) {
    EXPECT_FALSE(verdict.allowed);
    EXPECT_EQ(verdict.rule, rule);
    EXPECT_EQ(verdict.what, what);
    EXPECT_EQ(verdict.mend, mend);
}

TEST(Disruption, refuses_what_nobody_named_and_says_the_flag) {
    expect_refusal(judge(stop(), {}, {}, Mode::requested), "disruption/restart-needs-a-name",
                   "running partition robot-cell would be stopped (memory 192MiB -> 256MiB)",
                   "--allow-restart robot-cell");
    expect_refusal(judge(detach(), {}, {}, Mode::requested), "disruption/detach-needs-a-name",
                   "device rs485-1 would be taken from running partition robot-cell (no longer used)",
                   "--allow-detach rs485-1");
    expect_refusal(judge(deletion(), {}, {}, Mode::requested), "disruption/volume-needs-a-name",
                   "volume robot-cell/data would be deleted with its data",
                   "--delete-volume robot-cell/data");
}

TEST(Disruption, allows_what_a_person_named) {
    for (const auto& step : {stop(), detach(), deletion()})
        EXPECT_TRUE(judge(step, everything(), {}, Mode::requested).allowed);
}

TEST(Disruption, a_permit_for_one_is_none_for_another) {
    EXPECT_FALSE(judge(detach(), {{robot}, {}, {data}}, {}, Mode::requested).allowed);
    EXPECT_FALSE(judge(stop(), {{PartitionName("press")}, {rs485}, {data}}, {}, Mode::requested).allowed);
    EXPECT_FALSE(judge(deletion(), {{robot}, {rs485}, {}}, {}, Mode::requested).allowed);
}

TEST(Disruption, obeys_a_lock_whatever_was_named_and_says_whose_it_is) {
    expect_refusal(
        judge(stop(), everything(), locked, Mode::requested), "disruption/locked",
        "running partition robot-cell would be stopped (memory 192MiB -> 256MiB), but partition robot-cell "
        "is locked by Eva: acceptance test",
        "bulkhead unlock robot-cell");
    for (const auto mode : {Mode::requested, Mode::background})
        for (const auto& step : {stop(), detach(), deletion()})
            EXPECT_EQ(judge(step, everything(), locked, mode).rule, "disruption/locked");
}

TEST(Disruption, obeys_the_lock_of_a_devices_owner_when_the_step_names_no_partition) {
    auto step = detach();
    step.partition = {};
    EXPECT_EQ(judge(step, everything(), locked, Mode::requested).rule, "disruption/locked");
}

TEST(Disruption, never_disturbs_in_the_background) {
    expect_refusal(judge(stop(), everything(), {}, Mode::background), "disruption/not-in-background",
                   "running partition robot-cell would be stopped (memory 192MiB -> 256MiB)",
                   "--allow-restart robot-cell");
    EXPECT_FALSE(judge(detach(), everything(), {}, Mode::background).allowed);
    EXPECT_FALSE(judge(deletion(), everything(), {}, Mode::background).allowed);
}

TEST(Disruption, lets_pass_what_disturbs_nothing) {
    for (const auto disruption : {Disruption::none, Disruption::live})
        for (const auto mode : {Mode::requested, Mode::background}) {
            EXPECT_TRUE(
                judge({model::StartMachine{robot}, disruption, "", robot, {}}, {}, locked, mode).allowed);
            EXPECT_TRUE(
                judge({model::AssignDevice{{rs485, robot, 1, "/dev/x", {}}}, disruption, "", robot, {}}, {},
                      locked, mode)
                    .allowed);
        }
}

TEST(Disruption, judges_a_detach_of_no_known_device_as_a_stop) {
    const model::Step step{model::DefineMachine{}, Disruption::detach, "", robot, {}};
    EXPECT_EQ(judge(step, {}, {}, Mode::requested).rule, "disruption/restart-needs-a-name");
}

TEST(Disruption, has_a_reason_and_an_own_name_for_each_rule) {
    std::set<std::string_view> ids;
    for (const auto& rule : rules::all) {
        EXPECT_TRUE(ids.insert(rule.id).second);
        EXPECT_TRUE(rule.id.starts_with("disruption/"));
        EXPECT_FALSE(rule.because.empty());
    }
}

}  // namespace
}  // namespace bulkhead::policies
