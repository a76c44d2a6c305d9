// Which steps of a plan may be executed, by the verdict of a policy that is passed in.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/plan.hpp"

namespace bulkhead::plan {

struct Objection {
    std::string rule;  // that forbids the step
    std::string what;
    std::string mend;
};

// Nothing: the step may be executed.
using Judge = std::function<std::optional<Objection>(const model::Step&)>;

struct Refusal {
    std::size_t step;  // index in the plan that was judged
    Objection objection;
};

struct Allowed {
    // Without the refused steps, what depends on them, and stops whose start could not follow. A background
    // run executes this and reports the refusals as drift.
    model::Plan runnable;
    // A requested apply with any refusal is refused as a whole.
    std::vector<Refusal> refusals;
};

Allowed allowed(const model::Plan& plan, const Judge& judge);

}  // namespace bulkhead::plan
