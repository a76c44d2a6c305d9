#include "partition-manager/apply/journal.hpp"

#include <algorithm>
#include <array>

#include "partition-manager/apply/step_codec.hpp"
#include "storage/value.hpp"

namespace bulkhead::apply {
namespace {

using storage::as_number;
using storage::as_text;
using storage::Database;
using storage::Row;
using storage::Value;

constexpr std::array<std::string_view, 5> state_names{"planned", "started", "done", "failed", "skipped"};

std::uint64_t greatest_token(const model::Plan& plan) {
    std::uint64_t greatest = 0;
    for (const auto& step : plan.steps)
        if (const auto* assign = std::get_if<model::AssignDevice>(&step.action))
            greatest = std::max(greatest, assign->assignment.token);
    return greatest;
}

Result<Operation> operation_of(Database& database, const Row& row) {
    Operation operation;
    operation.id = OperationId(row.text(0));
    operation.kind = row.text(1);
    operation.actor = row.text(2);
    operation.generation = static_cast<std::uint64_t>(row.number(3));
    BULKHEAD_TRY_ASSIGN(operation.permits, decode_permits(row.text(4)));
    BULKHEAD_TRY_ASSIGN(const auto rows,
                        database.query("SELECT partition FROM asked_restart WHERE operation = ?",
                                       {as_text(operation.id.str())}));
    for (const auto& each : rows) operation.restart.insert(model::PartitionName(each.text(0)));
    return operation;
}

}  // namespace

std::string_view to_string(StepState state) {
    return state_names.at(static_cast<std::size_t>(state));
}

Result<> Journal::begin(const Operation& operation, const model::Plan& plan) {
    return database_.transaction([&]() -> Result<> {
        BULKHEAD_TRY(
            database_.run("INSERT INTO operation (id, kind, actor, generation, permits, begun_at) VALUES (?, "
                          "?, ?, ?, ?, ?)",
                          {as_text(operation.id.str()), as_text(operation.kind), as_text(operation.actor),
                           as_number(operation.generation), as_text(encode_permits(operation.permits)),
                           as_text(rfc3339(clock_.utc()))}));
        for (const auto& partition : operation.restart)
            BULKHEAD_TRY(database_.run("INSERT INTO asked_restart VALUES (?, ?)",
                                       {as_text(operation.id.str()), as_text(partition.str())}));
        return write_steps(operation.id, plan);
    });
}

Result<> Journal::replan(const OperationId& id, const model::Plan& plan) {
    return database_.transaction([&]() -> Result<> {
        BULKHEAD_TRY(database_.run("DELETE FROM step WHERE operation = ?", {as_text(id.str())}));
        return write_steps(id, plan);
    });
}

// A restart whose partition the plan does not stop is over: it was seen stopped. Without this a crash after
// its start would have it stopped once more.
Result<> Journal::forget_restarts_but_of(const OperationId& id, const model::Plan& plan) {
    BULKHEAD_TRY_ASSIGN(
        const auto rows,
        database_.query("SELECT partition FROM asked_restart WHERE operation = ?", {as_text(id.str())}));
    for (const auto& row : rows) {
        const bool stops = std::ranges::any_of(plan.steps, [&](const model::Step& step) {
            const auto* stop = std::get_if<model::StopMachine>(&step.action);
            return stop != nullptr && stop->partition.str() == row.text(0);
        });
        if (!stops)
            BULKHEAD_TRY(database_.run("DELETE FROM asked_restart WHERE operation = ? AND partition = ?",
                                       {as_text(id.str()), as_text(row.text(0))}));
    }
    return {};
}

Result<> Journal::write_steps(const OperationId& id, const model::Plan& plan) {
    BULKHEAD_TRY(forget_restarts_but_of(id, plan));
    BULKHEAD_TRY(database_.run("UPDATE fence SET token = max(token, ?)", {as_number(greatest_token(plan))}));
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
        BULKHEAD_TRY(database_.run(
            "INSERT INTO step (operation, place, payload, state, changed_at) VALUES (?, ?, ?, ?, ?)",
            {as_text(id.str()), as_number(i), as_text(encode_step(plan.steps[i])),
             as_text(to_string(StepState::planned)), as_text(rfc3339(clock_.utc()))}));
    return {};
}

Result<> Journal::set_state(const OperationId& id, std::size_t step, StepState state,
                            const std::string& error) {
    return database_.run(
        "UPDATE step SET state = ?, error = ?, changed_at = ? WHERE operation = ? AND place = ?",
        {as_text(to_string(state)), as_text(error), as_text(rfc3339(clock_.utc())), as_text(id.str()),
         as_number(step)});
}

// The owner is on record before anything happens: from here on, whoever shows up with an older token has lost
// the device.
Result<> Journal::step_started(const OperationId& id, std::size_t step, const model::Action& action) {
    return database_.transaction([&]() -> Result<> {
        if (const auto* assign = std::get_if<model::AssignDevice>(&action)) {
            const auto& a = assign->assignment;
            BULKHEAD_TRY(database_.run(
                "INSERT OR REPLACE INTO assignment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                {as_text(a.device.str()), as_text(a.partition.str()), as_number(a.token), as_text(a.at),
                 as_text(to_string(a.line)), as_text(to_string(a.kind)), as_text(to_string(a.rules)),
                 as_text(to_string(a.expect)), as_text(to_string(a.terms))}));
        } else if (const auto* release = std::get_if<model::ReleaseDevice>(&action)) {
            BULKHEAD_TRY(database_.run("DELETE FROM assignment WHERE device = ? AND token <= ?",
                                       {as_text(release->device.str()), as_number(release->token)}));
        }
        return set_state(id, step, StepState::started, {});
    });
}

Result<> Journal::step_done(const OperationId& id, std::size_t step, const model::Action& action) {
    return database_.transaction([&]() -> Result<> {
        if (const auto* stop = std::get_if<model::StopMachine>(&action))
            BULKHEAD_TRY(database_.run("DELETE FROM asked_restart WHERE operation = ? AND partition = ?",
                                       {as_text(id.str()), as_text(stop->partition.str())}));
        return set_state(id, step, StepState::done, {});
    });
}

Result<> Journal::step_failed(const OperationId& id, std::size_t step, const Error& error) {
    return set_state(id, step, StepState::failed, error.text());
}

Result<> Journal::step_skipped(const OperationId& id, std::size_t step) {
    return set_state(id, step, StepState::skipped, {});
}

Result<> Journal::finish(const OperationId& id, const Error* error) {
    return database_.run(
        "UPDATE operation SET ended_at = ?, error = ? WHERE id = ?",
        {as_text(rfc3339(clock_.utc())), as_text(error == nullptr ? "" : error->text()), as_text(id.str())});
}

Result<std::vector<Operation>> Journal::unfinished() {
    BULKHEAD_TRY_ASSIGN(const auto rows,
                        database_.query("SELECT id, kind, actor, generation, permits FROM operation WHERE "
                                        "ended_at IS NULL ORDER BY number"));
    std::vector<Operation> operations;
    for (const auto& row : rows) {
        BULKHEAD_TRY_ASSIGN(auto operation, operation_of(database_, row));
        // A plan of a newer version may hold what this one can't go on with.
        BULKHEAD_TRY(read(operation.id));
        operations.push_back(std::move(operation));
    }
    return operations;
}

Result<JournaledOperation> Journal::read(const OperationId& id) {
    BULKHEAD_TRY_ASSIGN(
        const auto rows,
        database_.query("SELECT id, kind, actor, generation, permits FROM operation WHERE id = ?",
                        {as_text(id.str())}));
    if (rows.empty()) return fail(Code::not_found, "there is no operation '" + id.str() + "'");
    JournaledOperation journaled;
    BULKHEAD_TRY_ASSIGN(journaled.operation, operation_of(database_, rows.front()));
    BULKHEAD_TRY_ASSIGN(
        const auto steps,
        database_.query("SELECT payload, state, error FROM step WHERE operation = ? ORDER BY place",
                        {as_text(id.str())}));
    for (const auto& row : steps) {
        BULKHEAD_TRY_ASSIGN(auto step, decode_step(row.text(0)));
        const auto state = std::ranges::find(state_names, row.text(1));
        if (state == state_names.end())
            return fail(Code::corrupt, "step state '" + row.text(1) + "'", "operation " + id.str());
        journaled.steps.push_back(
            {std::move(step), static_cast<StepState>(state - state_names.begin()), row.text(2)});
    }
    return journaled;
}

Result<> Journal::prune(std::size_t keep) {
    return database_.run(
        "DELETE FROM operation WHERE ended_at IS NOT NULL AND number <= (SELECT number FROM "
        "operation WHERE ended_at IS NOT NULL ORDER BY number DESC LIMIT 1 OFFSET ?)",
        {as_number(keep)});
}

}  // namespace bulkhead::apply
