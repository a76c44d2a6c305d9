// What becomes of each machine.
#pragma once

#include <map>
#include <string>

#include "model/plan.hpp"
#include "partition-manager/plan/planner.hpp"
#include "partition-manager/plan/render.hpp"

namespace bulkhead::plan {

struct Fate {
    bool stop = false;
    bool undefine = false;
    bool define = false;
    bool start = false;
    bool runs = false;   // the guest runs now
    bool goes = false;   // it is not in the spec
    std::string reason;  // for all of it
    bool stays_up() const { return runs && !stop; }
};

using Fates = std::map<model::PartitionName, Fate>;

// Of every partition that is wanted or there.
Fates fates(const Intent& intent, const model::Observed& observed, const Desired& desired);

}  // namespace bulkhead::plan
