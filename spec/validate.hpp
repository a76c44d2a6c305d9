#pragma once

#include "bulkhead/v1alpha1/gateway.pb.h"
#include "model/spec.hpp"
#include "spec/findings.hpp"

namespace bulkhead::spec {

// The message as values that can't be wrong; only to be used if `findings` is empty afterwards. Pure but for
// a look at the host's time zone database.
model::Spec validate(const v1alpha1::Gateway& gateway, Findings& findings);

}  // namespace bulkhead::spec
