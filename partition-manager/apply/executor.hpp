// Does what a plan says: journal, act, observe, commit.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "model/driver.hpp"
#include "partition-manager/apply/journal.hpp"

namespace bulkhead::apply {

struct Progress {
    std::size_t step = 0;
    StepState state = StepState::planned;
    const Error* error = nullptr;  // why it failed
};
using OnProgress = std::function<void(const Progress&)>;

struct StepOutcome {
    StepState state = StepState::planned;
    std::optional<Error> error;
};

struct Outcome {
    std::vector<StepOutcome> steps;
    bool interrupted = false;    // told to stop; the operation stays unfinished and is resumed at next start
    std::optional<Error> error;  // the first one
    bool ok() const { return !error && !interrupted; }
};

struct Patience {
    std::chrono::milliseconds deadline{60'000};  // from the end of execute() until its result must be seen
    std::chrono::milliseconds poll{100};
    // Replaced by tests.
    std::function<void(std::chrono::milliseconds)> wait;
};

// All drivers' views as one.
Result<model::Observed> observe(const std::vector<model::Driver*>& drivers);

class Executor {
  public:
    Executor(std::vector<model::Driver*> drivers, Journal& journal, const Clock& clock,
             Patience patience = {});

    // Journals, and executes. A step counts as done when its result is observed. What depends on a failed
    // step is skipped, the rest goes on. An error of the journal itself ends the run at once: nothing is done
    // that is not on disk first. Blocks.
    Result<Outcome> run(const Operation& operation, const model::Plan& plan, const OnProgress& progress = {},
                        std::stop_token stop = {});
    // The same for an operation that is in the journal already and goes on with a new plan.
    Result<Outcome> resume(const Operation& operation, const model::Plan& plan,
                           const OnProgress& progress = {}, std::stop_token stop = {});

    Result<model::Observed> observe() const { return apply::observe(drivers_); }

  private:
    Result<Outcome> execute(const Operation& operation, const model::Plan& plan, const OnProgress& progress,
                            const std::stop_token& stop);
    Result<> act(const model::Action& action);
    Result<> await(model::Driver& driver, const model::Action& action);

    std::vector<model::Driver*> drivers_;
    Journal& journal_;
    const Clock& clock_;
    Patience patience_;
};

}  // namespace bulkhead::apply
