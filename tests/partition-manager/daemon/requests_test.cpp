#include "partition-manager/daemon/requests.hpp"

#include <gmock/gmock.h>

#include "tests/partition-manager/daemon/gateway.hpp"
#include "tests/partition-manager/daemon/names.hpp"

namespace bulkhead::daemon {
namespace {

using model::Power;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Run = Requests::Run;

using RequestsTest = Gateway;

// All that a refused request must leave as it is.
struct Kept {
    explicit Kept(Gateway& gateway)
        : spec(gateway.life->store.spec().value()),
          observed(gateway.machine.world().observed),
          calls(gateway.machine.fake.calls()) {}
    bool operator==(const Kept&) const = default;
    std::optional<apply::StoredSpec> spec;
    model::Observed observed;
    unsigned calls;
};

TEST_F(RequestsTest, apply_makes_the_gateway_of_the_document_and_remembers_it) {
    std::vector<apply::StepState> states;
    const auto done =
        apply(factory, {}, [&](const OperationProgress& progress) { states.push_back(progress.state); });
    ASSERT_TRUE(done) << done.error().front().text();
    EXPECT_EQ(states.front(), apply::StepState::planned);
    EXPECT_EQ(states.back(), apply::StepState::done);
    EXPECT_EQ(machine.world().starts.size(), 3U);
    const auto stored = life->store.spec().value();
    ASSERT_TRUE(stored);
    EXPECT_EQ(*stored, (apply::StoredSpec{factory, "factory.yaml", 1, true}));
    EXPECT_TRUE(life->journal.unfinished()->empty());
    EXPECT_EQ(seen()->phase, Phase::applied);
    EXPECT_EQ(seen()->generation, 1U);
    EXPECT_EQ(seen()->operation, "");
    EXPECT_THAT(event_codes(), Contains("partition.started").Times(3));
}

TEST_F(RequestsTest, apply_twice_gives_an_empty_plan_and_the_same_generation) {
    apply_factory();
    const auto calls = machine.fake.calls();
    const auto again = life->requests.plan({factory, "factory.yaml"}, {});
    ASSERT_TRUE(again);
    EXPECT_THAT(again->plan.steps, IsEmpty());
    apply_factory();
    EXPECT_EQ(machine.fake.calls(), calls);
    EXPECT_EQ(seen()->generation, 1U);
}

TEST_F(RequestsTest, plan_changes_nothing) {
    const Kept before(*this);
    const auto judged = life->requests.plan({factory, "factory.yaml"}, {});
    ASSERT_TRUE(judged);
    EXPECT_FALSE(judged->plan.steps.empty());
    EXPECT_EQ(Kept(*this), before);
    EXPECT_THAT(life->store.uids().value(), IsEmpty());
}

TEST_F(RequestsTest, a_document_with_errors_changes_nothing_and_all_are_told) {
    apply_factory();
    const Kept before(*this);
    auto document = factory_with("memory: 192MiB", "memory: 192 bananas");
    document += "  - {name: again, from: nobody, to: it-admin, allow: [tcp/8883], because: \"\"}\n";
    const auto refused = apply(document);
    ASSERT_FALSE(refused);
    EXPECT_GE(refused.error().size(), 2U);
    for (const auto& error : refused.error()) EXPECT_THAT(error.where, HasSubstr("factory.yaml:"));
    EXPECT_EQ(Kept(*this), before);
    EXPECT_EQ(seen()->phase, Phase::applied);
}

TEST_F(RequestsTest, what_policy_forbids_changes_nothing_and_the_rule_is_named) {
    const Kept before(*this);
    const auto refused = apply(factory_with("at: /run/bulkhead/devices/rs485-1", "at: /dev/ttyS0"));
    ASSERT_FALSE(refused);
    ASSERT_THAT(refused.error(), SizeIs(1));
    EXPECT_EQ(refused.error().front().code, Code::refused);
    EXPECT_THAT(refused.error().front().text(), HasSubstr("device/host-console"));
    EXPECT_EQ(Kept(*this), before);
}

TEST_F(RequestsTest, an_image_that_is_there_but_refused_says_why) {
    life->refused_images[model::ImageName("partition-base-2")] = {Code::corrupt, "vmlinux was altered", "",
                                                                  "", ""};
    const auto unsound = apply(factory_with("image: partition-base", "image: partition-base-2"));
    ASSERT_FALSE(unsound);
    EXPECT_EQ(unsound.error().front().code, Code::corrupt);
    const auto unknown = apply(factory_with("image: partition-base", "image: partition-base-3"));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().front().code, Code::not_found);
    EXPECT_EQ(machine.fake.calls(), 0U);
}

TEST_F(RequestsTest, a_bundle_that_is_refused_says_why_and_one_that_is_verified_runs) {
    const std::string digest(64, 'a');
    const auto document = factory_with("path: modbus-collector", "bundle: watch@sha256:" + digest);
    life->bundles.refused[robot] = {Code::refused, "bundle 'watch' is unsigned", "", "", ""};
    const auto refused = apply(document);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().front().text(), "bundle 'watch' is unsigned");
    EXPECT_EQ(machine.fake.calls(), 0U);
    life->bundles = {};
    life->bundles.verified[robot] = {{model::BundleName("watch"), digest},
                                     "1",
                                     64_MiB,
                                     {"unit", "registers", "period", "setpoint", "historian"},
                                     "/d",
                                     "dd"};
    const auto done = apply(document);
    ASSERT_TRUE(done) << done.error().front().text();
    EXPECT_EQ(machine.starts_of("robot-cell"), 1U);
}

TEST_F(RequestsTest, a_restart_that_nobody_named_changes_nothing) {
    apply_factory();
    const Kept before(*this);
    const auto refused = apply(with_more_memory());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().front().code, Code::refused);
    EXPECT_EQ(refused.error().front().where, "partition/robot-cell");
    EXPECT_EQ(refused.error().front().mend, "--allow-restart robot-cell");
    EXPECT_EQ(Kept(*this), before);
    EXPECT_EQ(seen()->generation, 1U);
    EXPECT_TRUE(life->journal.unfinished()->empty());
}

TEST_F(RequestsTest, a_restart_that_was_named_restarts_that_partition_and_no_other) {
    apply_factory();
    const auto done = apply(with_more_memory(), {{robot}, {}, {}});
    ASSERT_TRUE(done) << done.error().front().text();
    EXPECT_EQ(machine.starts_of("robot-cell"), 2U);
    EXPECT_EQ(machine.starts_of("press"), 1U);
    EXPECT_EQ(machine.starts_of("it-admin"), 1U);
    EXPECT_EQ(seen()->generation, 2U);
    EXPECT_EQ(seen()->phase, Phase::applied);
}

TEST_F(RequestsTest, how_the_host_works_a_line_goes_to_its_owner_while_the_machine_runs) {
    apply_factory();
    const model::DeviceName line("rs485-1");
    const auto document = factory_with("line: 9600 8N1, protocol", "line: 9600 8N1, rs485: {}, protocol");
    const auto refused = apply(document);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().front().mend, "--allow-detach rs485-1");
    model::Permits permits;
    permits.detach = {line};
    const auto done = apply(document, permits);
    ASSERT_TRUE(done) << done.error().front().text();
    EXPECT_TRUE(machine.world().observed.assignments.at(line).assignment.line.rs485);
    EXPECT_EQ(machine.starts_of("robot-cell"), 1U);
    EXPECT_EQ(seen()->phase, Phase::applied);
}

TEST_F(RequestsTest, a_locked_partition_is_not_disturbed_by_anybody) {
    apply_factory();
    ASSERT_TRUE(lock("robot-cell", "calibrating"));
    const Kept before(*this);
    for (const auto run : {Run::stop, Run::restart}) {
        const auto refused = set_run("robot-cell", run);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().front().code, Code::locked);
        EXPECT_THAT(refused.error().front().text(), HasSubstr("uid:7: calibrating"));
    }
    EXPECT_EQ(apply(with_more_memory(), {{robot}, {}, {}}).error().front().code, Code::locked);
    EXPECT_EQ(life->requests.tear_down("uid:0", {}).error().front().code, Code::locked);
    EXPECT_EQ(Kept(*this), before);
    EXPECT_THAT(seen()->held, IsEmpty());

    ASSERT_TRUE(life->requests.unlock(robot, "uid:7"));
    EXPECT_TRUE(set_run("robot-cell", Run::restart));
    EXPECT_EQ(machine.starts_of("robot-cell"), 2U);
}

TEST_F(RequestsTest, a_lock_outlives_the_daemon) {
    apply_factory();
    ASSERT_TRUE(lock("robot-cell", "calibrating"));
    restart();
    ASSERT_TRUE(seen()->locks.contains(robot));
    EXPECT_EQ(seen()->locks.at(robot).lock, (model::Lock{"uid:7", "calibrating"}));
    EXPECT_EQ(set_run("robot-cell", Run::stop).error().front().code, Code::locked);
}

TEST_F(RequestsTest, a_lock_needs_a_reason_and_a_partition_that_exists) {
    apply_factory();
    EXPECT_EQ(lock("robot-cell", "").error().front().code, Code::invalid);
    const auto unknown = lock("robot-cel", "calibrating");
    EXPECT_EQ(unknown.error().front().code, Code::not_found);
    EXPECT_EQ(unknown.error().front().mend, "did you mean robot-cell?");
    EXPECT_THAT(seen()->locks, IsEmpty());
}

TEST_F(RequestsTest, a_lock_of_the_spec_is_undone_in_the_spec_only) {
    ASSERT_TRUE(apply(factory_with("lock: null", "lock: {by: plant, reason: shift}")));
    ASSERT_TRUE(seen()->locks.contains(robot));
    const auto refused = life->requests.unlock(robot, "uid:0");
    EXPECT_EQ(refused.error().front().code, Code::locked);
    EXPECT_EQ(set_run("robot-cell", Run::stop).error().front().code, Code::locked);
    const auto opened = apply(factory);
    ASSERT_TRUE(opened) << opened.error().front().text();
    EXPECT_TRUE(set_run("robot-cell", Run::stop));
}

TEST_F(RequestsTest, what_a_person_stopped_stays_stopped_until_one_starts_it) {
    apply_factory();
    ASSERT_TRUE(set_run("robot-cell", Run::stop));
    EXPECT_EQ(machine.machine("robot-cell").power, Power::off);
    EXPECT_TRUE(seen()->held.contains(robot));
    reconcile();
    restart();
    reconcile();
    EXPECT_EQ(machine.machine("robot-cell").power, Power::off);
    apply_factory();
    EXPECT_EQ(machine.machine("robot-cell").power, Power::off);
    ASSERT_TRUE(set_run("robot-cell", Run::start));
    EXPECT_EQ(machine.machine("robot-cell").power, Power::running);
    EXPECT_THAT(seen()->held, IsEmpty());
    EXPECT_EQ(machine.starts_of("press"), 1U);
}

TEST_F(RequestsTest, start_and_stop_of_what_is_so_already_change_nothing) {
    apply_factory();
    const auto calls = machine.fake.calls();
    EXPECT_TRUE(set_run("robot-cell", Run::start));
    EXPECT_EQ(machine.fake.calls(), calls);
    ASSERT_TRUE(set_run("robot-cell", Run::stop));
    EXPECT_TRUE(set_run("robot-cell", Run::stop));
    EXPECT_EQ(machine.fake.calls(), calls + 1);
}

TEST_F(RequestsTest, a_restart_restarts_once_even_if_the_daemon_ends_in_between) {
    apply_factory();
    machine.fake.on_action([&](fake::Moment moment, const model::Action& action) -> Result<> {
        if (moment == fake::Moment::after && std::holds_alternative<model::StopMachine>(action))
            life->stop.request_stop();
        return {};
    });
    EXPECT_EQ(set_run("robot-cell", Run::restart).error().front().code, Code::unavailable);
    machine.fake.on_action({});
    restart();
    reconcile();
    reconcile();
    EXPECT_EQ(machine.machine("robot-cell").power, Power::running);
    EXPECT_EQ(machine.starts_of("robot-cell"), 2U);
    EXPECT_EQ(machine.starts_of("press"), 1U);
}

TEST_F(RequestsTest, nothing_changes_while_libvirt_is_away) {
    apply_factory();
    const Kept before(*this);
    machine.away = true;
    EXPECT_EQ(apply(with_more_memory(), {{robot}, {}, {}}).error().front().code, Code::unavailable);
    EXPECT_EQ(set_run("robot-cell", Run::stop).error().front().code, Code::unavailable);
    EXPECT_EQ(life->requests.tear_down("uid:0", {}).error().front().code, Code::unavailable);
    EXPECT_EQ(Kept(*this), before);
    EXPECT_THAT(seen()->held, IsEmpty());
}

TEST_F(RequestsTest, teardown_leaves_nothing) {
    apply_factory();
    ASSERT_TRUE(set_run("press", Run::stop));
    const auto done = life->requests.tear_down("uid:0", {});
    ASSERT_TRUE(done) << done.error().front().text();
    const auto& left = machine.world().observed;
    EXPECT_THAT(left.machines, IsEmpty());
    EXPECT_THAT(left.volumes, IsEmpty());
    EXPECT_THAT(left.ports, IsEmpty());
    EXPECT_THAT(left.rules, IsEmpty());
    EXPECT_THAT(left.assignments, IsEmpty());
    EXPECT_FALSE(life->store.spec().value());
    EXPECT_THAT(life->store.uids().value(), IsEmpty());
    EXPECT_THAT(life->store.holds().value(), IsEmpty());
    EXPECT_EQ(seen()->phase, Phase::none);
    EXPECT_EQ(seen()->spec, nullptr);
    const auto calls = machine.fake.calls();
    reconcile();
    EXPECT_EQ(machine.fake.calls(), calls);
}

TEST_F(RequestsTest, an_apply_after_a_teardown_counts_generations_on) {
    apply_factory();
    ASSERT_TRUE(life->requests.tear_down("uid:0", {}));
    apply_factory();
    EXPECT_EQ(seen()->generation, 2U);
    EXPECT_EQ(machine.world().observed.machines.size(), 3U);
}

}  // namespace
}  // namespace bulkhead::daemon
