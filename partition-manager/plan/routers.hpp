// Tenants' routers and what is beyond them, made from the spec. Pure.
#pragma once

#include <map>
#include <vector>

#include "model/router.hpp"
#include "partition-manager/plan/render.hpp"

namespace bulkhead::plan {

// The router whole.
model::TenantRouter router_of(const model::Spec& spec, const model::Router& router);

// Our ends of its pairs, and the networks beyond as ends of rules.
std::vector<model::Port> router_ports(const model::Spec& spec, const model::Router& router);
model::Port outside_port(const model::Outside& outside);

// Who is in its zones may ask its DNS, if it has one.
void add_name_rules(const model::Spec& spec, const model::Router& router,
                    std::map<model::Rule, model::ConduitName>& rules);

}  // namespace bulkhead::plan
