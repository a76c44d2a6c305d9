// Operations and their steps, on disk before anything is done.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "model/plan.hpp"
#include "partition-manager/apply/operation.hpp"
#include "storage/database.hpp"

namespace bulkhead::apply {

enum class StepState { planned, started, done, failed, skipped };
std::string_view to_string(StepState state);

struct JournaledStep {
    model::Step step;
    StepState state = StepState::planned;
    std::string error;
};

struct JournaledOperation {
    Operation operation;
    std::vector<JournaledStep> steps;
};

class Journal {
  public:
    Journal(storage::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

    // Fencing tokens in the plan are used up by this, whatever becomes of it.
    Result<> begin(const Operation& operation, const model::Plan& plan);
    // The operation goes on with a new plan; the steps of the old one are forgotten.
    Result<> replan(const OperationId& id, const model::Plan& plan);

    // With the same commit: who owns the device of an AssignDevice or ReleaseDevice.
    Result<> step_started(const OperationId& id, std::size_t step, const model::Action& action);
    // With the same commit: a restart that was asked for is over once its StopMachine is done.
    Result<> step_done(const OperationId& id, std::size_t step, const model::Action& action);
    Result<> step_failed(const OperationId& id, std::size_t step, const Error& error);
    Result<> step_skipped(const OperationId& id, std::size_t step);
    // `error` null: it succeeded.
    Result<> finish(const OperationId& id, const Error* error);

    // Oldest first. Steps of an unknown newer version are Code::newer.
    Result<std::vector<Operation>> unfinished();
    Result<JournaledOperation> read(const OperationId& id);
    // Keeps the newest `keep` finished operations.
    Result<> prune(std::size_t keep);

  private:
    Result<> forget_restarts_but_of(const OperationId& id, const model::Plan& plan);
    Result<> write_steps(const OperationId& id, const model::Plan& plan);
    Result<> set_state(const OperationId& id, std::size_t step, StepState state, const std::string& error);

    storage::Database& database_;
    const Clock& clock_;
};

}  // namespace bulkhead::apply
