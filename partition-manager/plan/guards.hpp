// The guards of tenants' conduits, made from the spec. Pure.
#pragma once

#include <map>

#include "model/conduit_guard.hpp"
#include "partition-manager/plan/render.hpp"

namespace bulkhead::plan {

// One for each tenant of whose conduits one has a guard: of the tenant of the end that talks.
std::map<model::TenantName, model::TenantGuard> guards_of(const model::Spec& spec);

// Our end of the pair into a tenant's guard.
model::Port guard_port(const model::Spec& spec, const model::TenantName& tenant);

// The port through which the conduit's flows go; empty if it has no guard.
model::PortName guard_of(const model::Spec& spec, const model::Conduit& conduit);

}  // namespace bulkhead::plan
