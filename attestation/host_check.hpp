// The host's own evidence: its quote, its life, its log.
#pragma once

#include "attestation/log_check.hpp"
#include "attestation/reasons.hpp"
#include "attestation/verifier.hpp"
#include "crypto/ecdsa.hpp"

namespace bulkhead::attestation {

// That a gateway can have at once.
inline constexpr std::size_t guest_limit = 64;

struct HostEvidence {
    Counters counters;
    QuotedLog log;
};

Checked<HostEvidence> check_host(const attest::v1::Evidence& evidence, const crypto::EcdsaKey& ak,
                                 const Expectation& expectation);

}  // namespace bulkhead::attestation
