// What the spec means for the inside of one partition.
#pragma once

#include "bulkhead/agent/v1/agent.pb.h"
#include "model/spec.hpp"

namespace bulkhead::lifecycle {

// Peers are the partitions that a conduit joins it with, in either direction: each interface gets all
// addresses of the peers as host routes and neighbours. A peer is put on the interface of the same zone if
// there is one, else on the first.
agent::v1::Configure guest_configuration(const model::Spec& spec, const model::Partition& partition);

}  // namespace bulkhead::lifecycle
