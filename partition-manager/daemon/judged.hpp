// A plan with what policy says of it, and what becomes of the refusals. Pure.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "partition-manager/daemon/snapshot.hpp"
#include "partition-manager/plan/allowed.hpp"

namespace bulkhead::daemon {

struct Judged {
    model::Plan plan;
    std::vector<plan::Refusal> refusals;
};

// For whoever asked: each refusal with its rule and the flag that would allow it.
Errors errors_of(const Judged& judged);

// For background reconciliation: what it leaves to a person.
std::vector<Drift> drift_of(const Judged& judged);

}  // namespace bulkhead::daemon
