// The way from a partition to networks beyond its zone's router.
#pragma once

#include <string>

#include "base/error.hpp"
#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::agent {

// Once the interface is up and has its address: a route to each of the prefixes over the zone's router. Those
// of ours that are not wanted any more are taken away, so that it may be called with every change.
Result<> set_up_routes(const std::string& interface, const agent::v1::Interface& wanted);

// What /etc/resolv.conf says: the routers that answer names; nothing is written where there are none.
std::string name_servers(const agent::v1::Configure& wanted);

}  // namespace bulkhead::agent
