// After a crash: what was begun is finished.
#pragma once

#include <functional>
#include <optional>

#include "partition-manager/apply/executor.hpp"

namespace bulkhead::apply {

// Makes the plan that is still needed, from the spec in force and what the operation allows. Steps that are
// not allowed any more (someone locked a partition meanwhile) are left out by the caller.
using Replan = std::function<Result<model::Plan>(const Operation&, const model::Observed&)>;

// Goes on with the unfinished operation under its own id; nothing if there is none. The plan is made anew
// from what is observed, so steps that took effect unrecorded are not done twice. If observing or planning
// fails, the operation stays unfinished: call again when what was missing is there.
Result<std::optional<Outcome>> recover(Journal& journal, Executor& executor, const Replan& replan,
                                       const OnProgress& progress = {}, std::stop_token stop = {});

}  // namespace bulkhead::apply
