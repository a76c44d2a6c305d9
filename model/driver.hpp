// The one interface between deciding and doing. A driver never sees policy or another driver: all that it
// needs is in the action.
#pragma once

#include <string_view>

#include "model/observed.hpp"
#include "model/plan.hpp"

namespace bulkhead::model {

// All calls come from the one worker thread and may block, each for at most a minute.
class Driver {
  public:
    virtual ~Driver() = default;
    Driver() = default;
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    virtual std::string_view name() const = 0;
    virtual bool handles(const Action& action) const = 0;
    // Adds what it sees to `observed`. Also sees, and reports as not whole, what a crash left half made.
    virtual Result<> observe(Observed& observed) = 0;
    // Idempotent: an action whose result is there already succeeds and disturbs nothing. The caller observes
    // afterwards; having returned is not yet success.
    virtual Result<> execute(const Action& action) = 0;
};

}  // namespace bulkhead::model
