// Tenants' routers and what is beyond them, made from the spec. Pure.
#pragma once

#include <vector>

#include "model/router.hpp"
#include "partition-manager/plan/render.hpp"

namespace bulkhead::plan {

// The router whole. `desired` has the ports and rules of its zones' ends already.
model::TenantRouter router_of(const model::Spec& spec, const model::Router& router);

// Our ends of its pairs, and the networks beyond as ends of rules.
std::vector<model::Port> router_ports(const model::Spec& spec, const model::Router& router);
model::Port outside_port(const model::Outside& outside);

// Who is in its zones may ask its DNS, if it has one.
void add_name_rules(const model::Spec& spec, const model::Router& router, Desired& desired);

}  // namespace bulkhead::plan
