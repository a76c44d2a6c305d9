// A small gateway's spec: two partitions, a conduit between them, a serial device.
#pragma once

#include "model/spec.hpp"

namespace bulkhead::testing_support {

model::Spec plant();

}  // namespace bulkhead::testing_support
