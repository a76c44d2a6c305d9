// A gateway that exists in memory only, and that is as strict as a real one: what can't be done there fails
// here.
#pragma once

#include <map>

#include "base/error.hpp"
#include "model/plan.hpp"

namespace bulkhead::fake {

struct World {
    model::Observed observed;
    std::map<model::PartitionName, model::Machine> definitions;
    std::map<model::PartitionName, unsigned> starts;  // how often each machine really started
};

// A host with 8 CPUs and 16 GiB, and the images "partition-base" and "other".
World new_world();

// Does what the action says, or says why a real gateway could not. An action whose result is there already
// changes nothing.
Result<> act(World& world, const model::Action& action);

}  // namespace bulkhead::fake
