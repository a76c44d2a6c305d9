// A partition's PARTITION_START against what IT signed.
#pragma once

#include "attestation/event_log.hpp"
#include "attestation/reasons.hpp"
#include "attestation/reference.hpp"
#include "model/spec.hpp"

namespace bulkhead::attestation {

Checked<> check_start(const Record& start, const model::Spec& spec, const model::Partition& partition,
                      const References& references);

}  // namespace bulkhead::attestation
