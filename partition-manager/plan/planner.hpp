// What has to be done: the difference between what is wanted and what is there, in an order in which it can
// be done. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/error.hpp"
#include "model/plan.hpp"
#include "model/spec.hpp"

namespace bulkhead::plan {

struct Intent {
    const model::Spec* spec = nullptr;       // null: nothing is wanted, all is removed
    const model::Spec* previous = nullptr;   // the one that was applied last, if known; only words come of it
    std::set<model::PartitionName> stopped;  // held by a person: defined, and off
    std::set<model::PartitionName> restart;  // a person asked for it, now
    std::set<model::PartitionName> not_yet;  // failed lately: not to be started before its back-off ends
    std::map<model::PartitionName, std::string> uids;            // one for every partition of the spec
    std::map<model::DeviceName, model::Assignment> assignments;  // as persisted
    std::uint64_t next_token = 1;  // greater than any token that was ever given out
    model::Permits permits;        // here: which volumes may be deleted
};

// An empty plan means that the gateway matches. Errors: Code::not_found (image), Code::unsupported (more than
// the host has), Code::conflict (a volume's size changed), Code::invalid.
//
// Decisions: a paused machine (I/O error, or someone paused it) does nothing useful, so stopping it is no
// disruption: it is stopped and started. A running machine whose port is gone can't get it back without a
// restart; one whose port lost its guard gets the guard back live. Volumes that the spec no longer has are
// kept, with a note, unless their deletion is permitted by name.
Result<model::Plan> make_plan(const Intent& intent, const model::Observed& observed);

}  // namespace bulkhead::plan
