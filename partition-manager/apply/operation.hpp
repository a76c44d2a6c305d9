#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "model/plan.hpp"

namespace bulkhead::apply {

using OperationId = Name<struct OperationTag>;

// Short, unique, and sorted by the time of its making: "01k8v3m2x4-7q2f".
OperationId new_operation_id(const Clock& clock);

// A random UUID (RFC 9562 version 4), for a partition's uid.
std::string new_uuid();

// Why something is done, and what was allowed for it: enough to go on after a crash.
struct Operation {
    OperationId id;
    std::string kind;   // apply, reconcile, run, teardown
    std::string actor;  // uid:0, manager
    std::uint64_t generation = 0;
    model::Permits permits;
    std::set<model::PartitionName> restart;  // asked for, and not stopped yet
    bool operator==(const Operation&) const = default;
};

}  // namespace bulkhead::apply
