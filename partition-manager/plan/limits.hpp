#pragma once

#include "base/error.hpp"
#include "model/observed.hpp"
#include "model/spec.hpp"

namespace bulkhead::plan {

// Code::unsupported if the host is too small: all partitions' memory together, each one's CPUs, and the CPUs
// that one is pinned to. CPUs are shared, so their sum may exceed the host's. Nothing is refused while the
// host is unknown.
Result<> fits(const model::Spec& spec, const model::GatewayHost& host);

}  // namespace bulkhead::plan
