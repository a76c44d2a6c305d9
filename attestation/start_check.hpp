// A partition's PARTITION_START, and what its records changed since, against what IT signed.
#pragma once

#include <span>

#include "attestation/event_log.hpp"
#include "attestation/reasons.hpp"
#include "attestation/verifier.hpp"

namespace bulkhead::attestation {

// What a start fixes is all as one of the states has it: they were carried out one after the other. What
// changes under a running partition (switch_policy, places) may be another's already. The finding is of the
// first state that has the partition; one of them does.
Checked<> check_start(const Record& start, std::span<const SignedState> states);

}  // namespace bulkhead::attestation
