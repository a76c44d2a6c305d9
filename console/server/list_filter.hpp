// What a request asks of a list's items, and what they are sorted by. Pure.
#pragma once

#include <string>

#include "bulkhead/v1alpha1/control.pb.h"
#include "console/server/paging.hpp"
#include "console/server/roster.hpp"

namespace bulkhead::console {

// Whether `part` is in it, large and small letters being the same.
bool holds(const std::string& text, const std::string& part);
// Whether it is in the name, or in the gateway's name, site or labels.
bool matches_search(const GatewayState& state, const std::string& name, const std::string& search);
// What a request asks of the gateway that something stands on.
bool wants_gateway(const GatewayState& state, const bulkhead::v1alpha1::ListRequest& request);
bool wants(const GatewayState& state, const bulkhead::v1alpha1::ListRequest& request, const std::string& name,
           const std::string& tenant);
// By name: empty, for that is in the key anyway.
std::string sorted_by(const Order& order, const GatewayState& state, const std::string& health,
                      const std::string& attestation);

}  // namespace bulkhead::console
