// What of a report changes by itself, and what is worth a message at once.
#pragma once

#include <string>

#include "bulkhead/v1alpha1/fleet.pb.h"

namespace bulkhead::uplink {

// Equal for two reports that differ in ages, counters and readings alone.
std::string essence_of(v1alpha1::GatewayReport report);

}  // namespace bulkhead::uplink
