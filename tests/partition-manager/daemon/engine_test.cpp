#include "partition-manager/daemon/engine.hpp"

#include <gmock/gmock.h>

#include "tests/partition-manager/daemon/gateway.hpp"

namespace bulkhead::daemon {
namespace {

using namespace std::chrono_literals;
using model::Power;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

using EngineTest = Gateway;

TEST_F(EngineTest, is_calm_without_a_spec) {
    EXPECT_EQ(reconcile(), 10s);
    EXPECT_EQ(seen()->phase, Phase::none);
    EXPECT_EQ(machine.fake.calls(), 0U);
}

TEST_F(EngineTest, adopts_what_runs_when_it_is_started_again) {
    apply_factory();
    const auto calls = machine.fake.calls();
    restart();
    EXPECT_EQ(seen()->phase, Phase::applying);
    reconcile();
    EXPECT_EQ(seen()->phase, Phase::applied);
    EXPECT_EQ(seen()->generation, 1U);
    EXPECT_EQ(machine.fake.calls(), calls);
}

TEST_F(EngineTest, brings_everything_back_after_the_host_was_rebooted) {
    apply_factory();
    auto& world = machine.world().observed;
    for (auto& [name, found] : world.machines) found.power = Power::off;
    world.ports.clear();
    world.rules.clear();
    world.assignments.clear();
    restart();
    reconcile();
    EXPECT_EQ(seen()->phase, Phase::applied) << seen()->reason;
    EXPECT_EQ(world.ports.size(), 4U);  // of three partitions and a router
    EXPECT_EQ(world.routers.size(), 1U);
    EXPECT_EQ(world.assignments.size(), 2U);
    for (const auto& [name, found] : world.machines) EXPECT_EQ(found.power, Power::running) << name.str();
    EXPECT_EQ(seen()->starts.at(model::PartitionName("press")), 2U);
}

TEST_F(EngineTest, waits_for_libvirt_and_goes_on_when_it_is_there) {
    apply_factory();
    restart();
    machine.away = true;
    machine.machine("press").power = Power::off;
    EXPECT_EQ(reconcile(), 2s);
    EXPECT_EQ(seen()->phase, Phase::waiting);
    EXPECT_THAT(seen()->reason, HasSubstr("libvirt can't be reached"));
    EXPECT_NE(seen()->spec, nullptr);
    machine.away = false;
    reconcile();
    EXPECT_EQ(seen()->phase, Phase::applied);
    EXPECT_EQ(machine.machine("press").power, Power::running);
}

TEST_F(EngineTest, starts_what_ended_by_itself_ever_more_rarely) {
    apply_factory();
    machine.machine("press").power = Power::off;
    EXPECT_EQ(reconcile(), 2s);
    EXPECT_EQ(machine.starts_of("press"), 2U);
    machine.machine("press").power = Power::off;
    EXPECT_EQ(reconcile(), 2s);
    EXPECT_EQ(machine.starts_of("press"), 2U);
    EXPECT_EQ(seen()->phase, Phase::waiting);
    EXPECT_EQ(seen()->reason, "partition press ended by itself and is started again later");
    clock.now += 2s;
    EXPECT_EQ(reconcile(), 4s);
    EXPECT_EQ(machine.starts_of("press"), 3U);
    EXPECT_EQ(seen()->phase, Phase::applied);
    EXPECT_EQ(machine.starts_of("robot-cell"), 1U);
}

TEST_F(EngineTest, does_not_wait_with_what_a_person_starts) {
    apply_factory();
    for (int i = 0; i < 2; ++i) {
        machine.machine("press").power = Power::off;
        reconcile();
    }
    EXPECT_EQ(machine.machine("press").power, Power::off);
    ASSERT_TRUE(set_run("press", Requests::Run::start));
    EXPECT_EQ(machine.machine("press").power, Power::running);
    EXPECT_EQ(seen()->phase, Phase::applied);
}

TEST_F(EngineTest, reports_drift_and_does_not_mend_it_in_the_background) {
    apply_factory();
    const auto calls = machine.fake.calls();
    const auto as_defined = machine.machine("press").fingerprint;
    machine.machine("press").fingerprint = "of somebody else";
    reconcile();
    reconcile();
    EXPECT_EQ(seen()->phase, Phase::drifting);
    EXPECT_EQ(machine.fake.calls(), calls);
    ASSERT_FALSE(seen()->drift.empty());
    EXPECT_EQ(seen()->drift.front().subject, "partition/press");
    EXPECT_EQ(seen()->drift.front().rule, "disruption/not-in-background");
    EXPECT_EQ(seen()->drift.front().mend, "--allow-restart press");
    EXPECT_EQ(std::ranges::count(event_codes(), "drift.found"), 1);

    machine.machine("press").fingerprint = as_defined;
    reconcile();
    EXPECT_EQ(seen()->phase, Phase::applied);
    EXPECT_TRUE(seen()->drift.empty());
    EXPECT_EQ(event_codes().back(), "drift.gone");
}

TEST_F(EngineTest, mends_in_the_background_what_disturbs_nothing_beside_what_it_must_leave) {
    apply_factory();
    machine.machine("press").fingerprint = "of somebody else";
    machine.machine("robot-cell").power = Power::off;
    reconcile();
    EXPECT_EQ(seen()->phase, Phase::drifting);
    EXPECT_EQ(machine.machine("robot-cell").power, Power::running);
    EXPECT_EQ(machine.starts_of("press"), 1U);
}

TEST_F(EngineTest, says_what_failed_and_mends_it_when_it_can) {
    machine.fake.on_action([](fake::Moment, const model::Action& action) -> Result<> {
        if (std::holds_alternative<model::DefineMachine>(action)) return fail(Code::io, "no space");
        return {};
    });
    const auto failed = apply(factory);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().front().code, Code::io);
    EXPECT_EQ(seen()->phase, Phase::failed);
    EXPECT_THAT(seen()->reason, HasSubstr("no space"));
    EXPECT_EQ(seen()->generation, 1U) << "the spec is in force, and tried again";
    EXPECT_THAT(event_codes(), Contains("step.failed"));
    EXPECT_EQ(reconcile(), 2s);
    EXPECT_EQ(seen()->phase, Phase::failed);
    machine.fake.on_action({});
    reconcile();
    EXPECT_EQ(seen()->phase, Phase::applied);
    EXPECT_EQ(machine.world().starts.size(), 3U);
}

TEST_F(EngineTest, finishes_an_operation_that_was_interrupted) {
    unsigned steps = 0;
    const auto stopped = apply(factory, {}, [&](const OperationProgress& progress) {
        if (progress.state == apply::StepState::done && ++steps == 4) life->stop.request_stop();
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().front().code, Code::unavailable);
    EXPECT_EQ(life->journal.unfinished()->size(), 1U);
    restart();
    reconcile();
    EXPECT_EQ(seen()->phase, Phase::applied) << seen()->reason;
    EXPECT_TRUE(life->journal.unfinished()->empty());
    EXPECT_THAT(event_codes(), Contains("operation.resumed"));
    for (const std::string name : {"robot-cell", "press", "it-admin"}) {
        EXPECT_EQ(machine.starts_of(name), 1U);
        EXPECT_EQ(seen()->starts.at(model::PartitionName(name)), 1U) << name;
    }
    EXPECT_EQ(std::ranges::count(event_codes(), "partition.started"), 3);
}

TEST_F(EngineTest, does_not_begin_with_a_spec_that_it_can_not_read_and_touches_nothing) {
    apply_factory();
    ASSERT_TRUE(life->store.put_spec("apiVersion: bulkhead/v9\n", "later.yaml"));
    const auto calls = machine.fake.calls();
    Life other(*database, clock, machine);
    const auto loaded = other.engine.load();
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().text(), HasSubstr("later.yaml"));
    EXPECT_EQ(machine.fake.calls(), calls);
}

TEST_F(EngineTest, keeps_the_spec_in_force_when_a_newer_one_can_not_be_read) {
    apply_factory();
    ASSERT_TRUE(life->store.put_spec("apiVersion: bulkhead/v9\n", "later.yaml"));
    EXPECT_FALSE(life->engine.reload());
    const auto calls = machine.fake.calls();
    reconcile();
    EXPECT_NE(seen()->spec, nullptr);
    EXPECT_EQ(machine.fake.calls(), calls);
    EXPECT_TRUE(seen()->drift.empty());
}

}  // namespace
}  // namespace bulkhead::daemon
