#pragma once

#include "base/error.hpp"
#include "model/plan.hpp"

namespace bulkhead::plan {

// Is the action's result there, as observed? The error says what is missing.
Result<> achieved(const model::Action& action, const model::Observed& observed);

}  // namespace bulkhead::plan
