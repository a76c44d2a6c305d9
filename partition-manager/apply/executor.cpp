#include "partition-manager/apply/executor.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "partition-manager/plan/achieved.hpp"

namespace bulkhead::apply {
namespace {

std::string name_of(const model::Action& action) {
    return std::string(verb(action)) + " " + std::string(kind(action)) + " " + subject(action);
}

}  // namespace

Result<model::Observed> observe(const std::vector<model::Driver*>& drivers) {
    model::Observed observed;
    for (auto* driver : drivers) BULKHEAD_TRY(driver->observe(observed));
    return observed;
}

Executor::Executor(std::vector<model::Driver*> drivers, Journal& journal, const Clock& clock,
                   Patience patience)
    : drivers_(std::move(drivers)), journal_(journal), clock_(clock), patience_(std::move(patience)) {
    if (!patience_.wait) patience_.wait = [](std::chrono::milliseconds d) { std::this_thread::sleep_for(d); };
}

Result<Outcome> Executor::run(const Operation& operation, const model::Plan& plan, const OnProgress& progress,
                              std::stop_token stop) {
    BULKHEAD_TRY(journal_.begin(operation, plan));
    return execute(operation, plan, progress, stop);
}

Result<Outcome> Executor::resume(const Operation& operation, const model::Plan& plan,
                                 const OnProgress& progress, std::stop_token stop) {
    BULKHEAD_TRY(journal_.replan(operation.id, plan));
    return execute(operation, plan, progress, stop);
}

Result<> Executor::await(model::Driver& driver, const model::Action& action) {
    const auto deadline = clock_.monotonic() + patience_.deadline;
    for (;;) {
        model::Observed observed;
        BULKHEAD_TRY(driver.observe(observed));
        auto seen = plan::achieved(action, observed);
        if (seen || clock_.monotonic() >= deadline) return seen;
        patience_.wait(patience_.poll);
    }
}

Result<> Executor::act(const model::Action& action) {
    const auto driver = std::ranges::find_if(drivers_, [&](auto* each) { return each->handles(action); });
    if (driver == drivers_.end()) return fail(Code::unsupported, "nothing here can " + name_of(action));
    BULKHEAD_TRY((*driver)->execute(action));
    return await(**driver, action);
}

Result<Outcome> Executor::execute(const Operation& operation, const model::Plan& plan,
                                  const OnProgress& progress, const std::stop_token& stop) {
    Outcome outcome;
    outcome.steps.resize(plan.steps.size());
    const auto report = [&](std::size_t i, StepState state, const Error* error = nullptr) {
        outcome.steps[i].state = state;
        if (progress) progress({i, state, error});
    };
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        const auto& step = plan.steps[i];
        if (stop.stop_requested()) {
            outcome.interrupted = true;
            return outcome;
        }
        const bool blocked = std::ranges::any_of(
            step.after, [&](std::size_t before) { return outcome.steps[before].state != StepState::done; });
        if (blocked) {
            BULKHEAD_TRY(journal_.step_skipped(operation.id, i));
            report(i, StepState::skipped);
            continue;
        }
        BULKHEAD_TRY(journal_.step_started(operation.id, i, step.action));
        report(i, StepState::started);
        if (auto acted = act(step.action); acted) {
            BULKHEAD_TRY(journal_.step_done(operation.id, i, step.action));
            report(i, StepState::done);
        } else {
            auto error = std::move(acted).error();
            if (error.where.empty()) error.where = name_of(step.action);
            BULKHEAD_TRY(journal_.step_failed(operation.id, i, error));
            log::error("step failed", {{"step", name_of(step.action)}, {"error", error.text()}});
            if (!outcome.error) outcome.error = error;
            outcome.steps[i].error = error;
            report(i, StepState::failed, &error);
        }
    }
    BULKHEAD_TRY(journal_.finish(operation.id, outcome.error ? &*outcome.error : nullptr));
    return outcome;
}

}  // namespace bulkhead::apply
