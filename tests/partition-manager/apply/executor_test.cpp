#include "partition-manager/apply/executor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "partition-manager/apply/recovery.hpp"
#include "tests/fake/driver.hpp"
#include "tests/partition-manager/apply/fixture.hpp"

namespace bulkhead::apply {
namespace {

using testing::HasSubstr;

struct ExecutorTest : testing::Test, Fixture {
    Patience patience() {
        return {std::chrono::seconds(60), std::chrono::seconds(1), [this](auto time) { clock.now += time; }};
    }
    std::size_t step_that(const std::string& verb_wanted, const std::string& subject_wanted) const {
        for (std::size_t i = 0; i < plan.steps.size(); ++i)
            if (verb(plan.steps[i].action) == verb_wanted && subject(plan.steps[i].action) == subject_wanted)
                return i;
        return plan.steps.size();
    }

    fake::Driver driver;
    Executor executor{{&driver}, journal, clock, patience()};
};

TEST_F(ExecutorTest, does_every_step_and_reports_it) {
    std::vector<StepState> states;
    const auto outcome = executor.run(operation, plan, [&](const Progress& p) { states.push_back(p.state); });
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->ok());
    EXPECT_EQ(states.size(), 2 * plan.steps.size());
    EXPECT_EQ(driver.world().starts.size(), 3U);
    EXPECT_TRUE(journal.unfinished()->empty());
    const auto journaled = journal.read(operation.id).value();
    for (const auto& step : journaled.steps) EXPECT_EQ(step.state, StepState::done);
}

TEST_F(ExecutorTest, skips_what_depends_on_a_failed_step_and_goes_on_with_the_rest) {
    driver.on_action([](fake::Moment, const model::Action& action) -> Result<> {
        if (const auto* define = std::get_if<model::DefineMachine>(&action))
            if (define->machine.name.str() == "press") return fail(Code::io, "no");
        return {};
    });
    const auto outcome = executor.run(operation, plan).value();
    EXPECT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error->what, "no");
    EXPECT_THAT(outcome.error->where, HasSubstr("define partition press"));
    EXPECT_EQ(outcome.steps[step_that("define", "press")].state, StepState::failed);
    EXPECT_EQ(outcome.steps[step_that("start", "press")].state, StepState::skipped);
    EXPECT_EQ(outcome.steps[step_that("start", "it-admin")].state, StepState::done);
    EXPECT_TRUE(journal.unfinished()->empty());
}

// Starts machines that crash at once.
struct Hollow final : model::Driver {
    std::string_view name() const override { return "hollow"; }
    bool handles(const model::Action&) const override { return true; }
    Result<> observe(model::Observed&) override {
        ++looks;
        return {};
    }
    Result<> execute(const model::Action&) override { return {}; }
    unsigned looks = 0;
};

TEST_F(ExecutorTest, believes_what_it_sees_and_not_what_it_called) {
    Hollow hollow;
    Executor trusting({&hollow}, journal, clock, patience());
    model::Plan one;
    one.steps.push_back({model::StartMachine{model::PartitionName("press")}, {}, {}, {}, {}});
    const auto outcome = trusting.run(operation, one).value();
    EXPECT_EQ(outcome.error->code, Code::timeout);
    EXPECT_EQ(outcome.error->what, "partition press does not run");
    EXPECT_EQ(hollow.looks, 61U);
}

TEST_F(ExecutorTest, does_nothing_that_it_can_not_journal) {
    ASSERT_TRUE(database->script("DROP TABLE step"));
    EXPECT_FALSE(executor.run(operation, plan));
    EXPECT_EQ(driver.calls(), 0U);
}

TEST_F(ExecutorTest, stops_between_steps_when_told_and_goes_on_later_under_the_same_operation) {
    std::stop_source stop;
    const auto outcome = executor.run(
        operation, plan,
        [&](const Progress& p) {
            if (p.step == 2) stop.request_stop();
        },
        stop.get_token());
    EXPECT_TRUE(outcome->interrupted);
    EXPECT_EQ(driver.calls(), 3U);

    std::optional<Operation> resumed;
    const auto spec = fake::factory();
    const auto recovered =
        recover(journal, executor, [&](const Operation& unfinished, const model::Observed& observed) {
            resumed = unfinished;
            Store store(*database, clock);
            plan::Intent intent;
            intent.spec = &spec;
            intent.uids = fake::uids_of(spec);
            intent.assignments = store.assignments().value();
            intent.next_token = store.next_token().value();
            return plan::make_plan(intent, observed);
        });
    ASSERT_TRUE(recovered && *recovered);
    EXPECT_TRUE((*recovered)->ok());
    EXPECT_EQ(*resumed, operation);
    EXPECT_EQ(driver.calls(), plan.steps.size());
    EXPECT_TRUE(journal.unfinished()->empty());
    EXPECT_FALSE(recover(journal, executor, {}).value().has_value());
}

// How a line is worked goes from the spec by the plan and the journal to whoever works it, and into the
// record of who has it, by which the next plan sees that nothing is to be done.
TEST_F(ExecutorTest, a_line_is_assigned_with_all_that_the_spec_says_of_how_it_is_worked) {
    Store store(*database, clock);
    auto spec = fake::factory();
    auto& line = spec.partitions[0].devices[0].line;
    const model::DeviceName device("rs485-1");
    const auto planned = [&] {
        plan::Intent intent;
        intent.spec = &spec;
        intent.uids = fake::uids_of(spec);
        intent.assignments = store.assignments().value();
        intent.next_token = store.next_token().value();
        return plan::make_plan(intent, driver.world().observed).value();
    };
    for (const char* text : {"19200 8E1; rs485 rts after send, 2 ms before, 1 ms after, rx during tx",
                             "19200 8E1; rs485 rts on send, 2 ms before, 1 ms after",
                             "19200 8E1; rs485 rts on send, 2 ms before, 1 ms after; in turns of 300 ms"}) {
        line = *model::parse_serial_line(text);
        ASSERT_FALSE(planned().steps.empty()) << text;
        ASSERT_TRUE(executor.run(operation, planned())->ok()) << text;
        EXPECT_EQ(to_string(driver.world().observed.assignments.at(device).assignment.line), text);
        EXPECT_EQ(to_string(store.assignments()->at(device).line), text);
        EXPECT_TRUE(planned().steps.empty()) << text;
        operation.id = OperationId(operation.id.str() + "+");
    }
}

TEST_F(ExecutorTest, leaves_an_operation_unfinished_when_nothing_can_be_observed) {
    ASSERT_TRUE(journal.begin(operation, plan));
    const auto recovered = recover(journal, executor, [](const Operation&, const model::Observed&) {
        return Result<model::Plan>(fail(Code::unavailable, "libvirt is away"));
    });
    EXPECT_EQ(recovered.error().code, Code::unavailable);
    EXPECT_EQ(journal.unfinished()->size(), 1U);
}

}  // namespace
}  // namespace bulkhead::apply
