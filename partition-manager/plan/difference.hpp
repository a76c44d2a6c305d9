// The steps that lead from what is there to what is wanted, before they are put in order. One call for each
// kind of resource.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "model/plan.hpp"
#include "partition-manager/plan/fate.hpp"
#include "partition-manager/plan/order.hpp"
#include "partition-manager/plan/planner.hpp"
#include "partition-manager/plan/render.hpp"

namespace bulkhead::plan {

struct Difference {
    const Intent& intent;
    const model::Observed& observed;
    const Desired& desired;
    const Fates& fates;
    std::vector<Draft> drafts;
    std::vector<std::string> notes;

    void machines();
    void ports();
    // Call after ports(): the rules of a port that is made anew are made anew too.
    void rules();
    void devices();
    void routers();
    // Likewise after ports(): a guard is looked after with its port, which may be another one than it has.
    void guards();
    Result<> volumes();

    // Whether a partition that runs and goes on talks over the port, which is no partition's.
    bool is_used(const model::PortName& port) const;
    const model::Rule* successor_of(const model::Rule& rule) const;
    // Of no partition that we know: a fate with nothing in it.
    const Fate& fate(const model::PartitionName& partition) const;
    // Live if an end of one of the rules runs and goes on.
    model::Disruption effect(const std::set<model::Rule>& rules) const;
    Draft& add(model::Action action, model::Disruption disruption, std::string reason);
};

}  // namespace bulkhead::plan
