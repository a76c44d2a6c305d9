// What a gateway may say of itself: as much as the largest one has, under names that a spec could have given.
// A taken-over gateway is one tenant's neighbour, and the console is everybody's.
#pragma once

#include "base/error.hpp"
#include "bulkhead/v1alpha1/fleet.pb.h"

namespace bulkhead::console {

// Code::invalid with what is too many, too large or no name.
Result<> check_report(const bulkhead::v1alpha1::GatewayReport& report);
// Its texts cut to what a person reads, without control characters.
bulkhead::v1alpha1::Event bounded_event(const bulkhead::v1alpha1::Event& event);

}  // namespace bulkhead::console
