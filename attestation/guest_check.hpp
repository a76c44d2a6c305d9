// The link between a guest and its host: that this guest, started as IT signed, runs on this host now.
#pragma once

#include <optional>
#include <string>

#include "attestation/event_log.hpp"
#include "attestation/verifier.hpp"
#include "crypto/ecdsa.hpp"

namespace bulkhead::attestation {

// A host whose own evidence is right.
struct TrustedHost {
    const crypto::EcdsaKey& ak;
    std::string ak_name;  // 34 bytes
};

struct GuestJudgement {
    Verdict verdict;
    std::optional<KnownGuest> known;  // to remember instead of what was known
    std::optional<ActivationNeeded> activation;
};

// `guest`: null if the evidence does not mention it. `start`: its latest PARTITION_START.
GuestJudgement check_guest(const attest::v1::GuestEvidence* guest, const Record& start,
                           const TrustedHost& host, const Expectation& expectation);

}  // namespace bulkhead::attestation
