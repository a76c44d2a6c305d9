// How the partition is: what a heartbeat says of the machine.
#pragma once

#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::agent {

v1::Hello hello();
// Uptime, load and memory; the rest is the caller's.
v1::Heartbeat vitals();

}  // namespace bulkhead::agent
