// What a gateway with three healthy partitions tells its console.
#pragma once

#include <string>

#include "bulkhead/v1alpha1/fleet.pb.h"

namespace bulkhead::benchmarks {

v1alpha1::GatewayReport plant_report(const std::string& gateway);

}  // namespace bulkhead::benchmarks
