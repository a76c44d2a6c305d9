// The verifier's half of TPM2_MakeCredential (TPM 2.0 Part 1, clause 24) in software, with checks of the keys
// first.
#pragma once

#include <string>
#include <string_view>

#include "attestation/trust_anchor.hpp"
#include "base/error.hpp"

namespace bulkhead::attestation {

struct Credential {
    std::string secret;            // 32 random bytes that the TPM gives back
    std::string id_object;         // TPM2B_ID_OBJECT
    std::string encrypted_secret;  // TPM2B_ENCRYPTED_SECRET
};

// `ek_public` must be a storage key of the EK template, `ak_public` exactly the AK template (restricted,
// sign, fixedTPM, fixedParent, sensitiveDataOrigin): activation alone proves nothing, since a software key
// can be activated too.
Result<Credential> make_credential(std::string_view ek_public, std::string_view ak_public);
// Refuses an AK that is not exactly our template, naming the difference.
Result<> check_ak(std::string_view ak_public);
// The Name (Part 1, clause 16) of a public area, computed by us.
Result<std::string> name_of(std::string_view public_area);

// The EK certificate's path to a manufacturer's root, its key = the EK, its EKU 2.23.133.8.1. Without a
// certificate, or with one of no known root, the anchor is software. A certificate for another key is an
// error.
Result<TrustAnchor> check_ek_certificate(std::string_view certificate_der, std::string_view ek_public,
                                         const std::string& roots_pem);

// HMAC over session, nonce, EK, AK and TLS key: proves that the secret was activated for this enrolment.
std::string enrolment_mac(std::string_view secret, std::string_view session, std::string_view nonce,
                          std::string_view ek_public, std::string_view ak_public,
                          std::string_view tls_public_key);

// Checks an AK, and magic, type, signature and qualifying data of a quote by it; its PCRs are verify()'s to
// check. Errors begin with a reason of reasons.hpp: "not-a-quote: ...".
Result<> check_quote(std::string_view attest, std::string_view signature, std::string_view ak_public,
                     std::string_view qualifying);
// A TPMT_SIGNATURE by the AK over a message that its TPM hashed (HostTpm::sign).
Result<> check_signature(std::string_view message, std::string_view signature, std::string_view ak_public);

}  // namespace bulkhead::attestation
