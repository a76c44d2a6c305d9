// One quote against one key: what TPM2_Quote's bytes must say. The same for hosts and guests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "attestation/reasons.hpp"
#include "attestation/wire/attest.hpp"
#include "bulkhead/attest/v1/attest.pb.h"
#include "crypto/ecdsa.hpp"

namespace bulkhead::attestation {

// An attestation key, kept ready: a second quote by it costs one verification and no set-up.
Checked<crypto::EcdsaKey> quote_key(std::string_view ak_public);

// Magic, type and signature. The signature is checked before anything else in the quote is believed.
Checked<wire::Attest> check_signed(std::string_view attest, std::string_view signature,
                                   const crypto::EcdsaKey& ak);
// SHA-256 bank, exactly `wanted` PCRs, and values that have the quoted digest.
Checked<> check_pcrs(const wire::Attest& attest, const attest::v1::Quote& quote,
                     const std::vector<unsigned>& wanted);
// A TPMT_SIGNATURE by the key over a message that its TPM hashed.
bool signed_by(const crypto::EcdsaKey& ak, std::string_view message, std::string_view signature);

// The value of a PCR that check_pcrs has checked; empty if it is not among them.
std::string pcr_of(const attest::v1::Quote& quote, unsigned pcr);

}  // namespace bulkhead::attestation
