#include "partition-manager/plan/allowed.hpp"

#include <set>
#include <utility>

namespace bulkhead::plan {
namespace {

const model::PartitionName* started_by(const model::Step& step) {
    const auto* start = std::get_if<model::StartMachine>(&step.action);
    return start == nullptr ? nullptr : &start->partition;
}

const model::PartitionName* stopped_by(const model::Step& step) {
    const auto* stop = std::get_if<model::StopMachine>(&step.action);
    return stop == nullptr ? nullptr : &stop->partition;
}

// Adds what can't be done without the steps in `dropped`, until nothing is added. A partition is not stopped
// for a restart whose second half is missing.
void drop_dependents(const model::Plan& plan, std::set<std::size_t>& dropped) {
    for (std::size_t before = dropped.size() + 1; before != dropped.size();) {
        before = dropped.size();
        std::set<model::PartitionName> kept_running;
        for (std::size_t i = 0; i < plan.steps.size(); ++i) {
            for (const std::size_t needed : plan.steps[i].after)
                if (dropped.contains(needed)) dropped.insert(i);
            if (const auto* partition = started_by(plan.steps[i]); partition && dropped.contains(i))
                kept_running.insert(*partition);
        }
        for (std::size_t i = 0; i < plan.steps.size(); ++i)
            if (const auto* partition = stopped_by(plan.steps[i]);
                partition && kept_running.contains(*partition))
                dropped.insert(i);
    }
}

}  // namespace

Allowed allowed(const model::Plan& plan, const Judge& judge) {
    Allowed result;
    std::set<std::size_t> dropped;
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
        if (auto objection = judge(plan.steps[i])) {
            result.refusals.push_back({i, std::move(*objection)});
            dropped.insert(i);
        }
    drop_dependents(plan, dropped);

    std::vector<std::size_t> place(plan.steps.size());
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        if (dropped.contains(i)) continue;
        place[i] = result.runnable.steps.size();
        auto step = plan.steps[i];
        step.after.clear();
        for (const std::size_t needed : plan.steps[i].after) step.after.insert(place[needed]);
        result.runnable.steps.push_back(std::move(step));
    }
    result.runnable.notes = plan.notes;
    return result;
}

}  // namespace bulkhead::plan
