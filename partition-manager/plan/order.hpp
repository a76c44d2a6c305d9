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
        // Of a partition.
        down,       // its machine does not run
        undefined,  // and is not defined
        rewritten,  // its definition, if there is one, names nothing that is to go
        defined,    // as wanted
        plugged,    // all of its ports are ready
        assigned,   // it has all of its devices
        present,    // all of its volumes are there
        // Of a port.
        closed,    // no rule names it that should not
        released,  // the former one is gone
        ready,     // as wanted
        guarding,  // its guard knows what may pass
        // Of an address, a flow between two ports, a device or its place.
        unclaimed,  // no port holds it
        vacant,     // no conduit holds it
        free,       // it has no owner
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
