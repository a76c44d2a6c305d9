#pragma once

#include "bulkhead/agent/v1/agent.pb.h"
#include "model/spec.hpp"

namespace bulkhead::lifecycle {

// What the agent of a partition is told to make: addresses, the peers that its conduits reach, volumes, lines and the
// application. Pure.
agent::v1::Configure guest_configuration(const model::Spec& spec, const model::Partition& partition);

}  // namespace bulkhead::lifecycle
