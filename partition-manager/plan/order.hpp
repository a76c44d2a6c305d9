// Order between steps comes from facts: what an action needs to hold before, and what holds after it.
#pragma once

#include <compare>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "model/plan.hpp"

namespace bulkhead::plan {

// Facts only ever become true during a plan. One that no step of the plan provides holds from the start.
struct Fact {
    enum class Kind {
        down,       // the partition's machine does not run
        undefined,  // ... and is not defined any more
        rewritten,  // its definition names none of the old resources any more
        defined,    // ... is as wanted
        closed,     // no rule names the port
        vacant,     // the flow is in no rule of another conduit
        released,   // the port is gone
        unclaimed,  // no port holds the address
        ready,      // the port is as wanted
        free,       // the device has no owner
        assigned,   // the device has its wanted owner
        gone,       // the volume is deleted
        present,    // the volume is there
    };
    Kind kind;
    std::string subject;
    auto operator<=>(const Fact&) const = default;
};

struct Draft {
    model::Step step;
    std::set<Fact> needs;
    std::set<Fact> gives;
};

// The table: needs and gives of one action. `observed` tells which address a port held.
Draft draft(model::Action action, const model::Observed& observed);

// Every action has a level, and provides only facts that actions of a higher level need: so no cycle exists.
int level(const model::Action& action);

// Topological, stable and deterministic: among steps that could come next, the earliest in `drafts` does.
std::vector<model::Step> ordered(std::vector<Draft> drafts);

}  // namespace bulkhead::plan
