#include "attestation/quote_check.hpp"

#include <algorithm>

#include "attestation/credential.hpp"
#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/public_area.hpp"
#include "attestation/wire/signature.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::attestation {
namespace {

constexpr std::size_t attest_limit = 1024;

std::string list(std::vector<unsigned> pcrs) {
    std::string text;
    for (const unsigned pcr : pcrs) text += (text.empty() ? "" : ",") + std::to_string(pcr);
    return text;
}

Checked<wire::Signature> parsed_signature(std::string_view bytes) {
    auto signature = wire::parse_signature(bytes);
    if (!signature) return refuse(reason::quote_malformed, {}, signature.error().what);
    if (signature->scheme != wire::alg_ecdsa || signature->hash != wire::alg_sha256)
        return refuse(reason::signature_algorithm, "ECDSA (24) with SHA-256 (11)",
                      std::to_string(signature->scheme) + " with " + std::to_string(signature->hash));
    return std::move(*signature);
}

}  // namespace

Checked<crypto::EcdsaKey> quote_key(std::string_view ak_public) {
    if (const auto right = check_ak(ak_public); !right)
        return refuse(reason::ak_template, {}, right.error().what);
    const auto area = wire::parse_public(ak_public);
    auto key = crypto::EcdsaKey::from_point(area->x, area->y);
    if (!key) return refuse(reason::ak_template, {}, key.error().what);
    return std::move(*key);
}

Checked<wire::Attest> check_signed(std::string_view bytes, std::string_view signature,
                                   const crypto::EcdsaKey& ak) {
    if (bytes.empty()) return refuse(reason::quote_missing);
    auto attest = wire::parse_attest(bytes.substr(0, attest_limit));
    if (!attest) return refuse(reason::quote_malformed, {}, attest.error().what);
    if (!attest->generated_by_tpm())
        return refuse(reason::not_tpm_generated, std::to_string(wire::tpm_generated),
                      std::to_string(attest->magic));
    if (!attest->is_quote())
        return refuse(reason::not_a_quote, std::to_string(wire::st_attest_quote),
                      std::to_string(attest->type));
    BULKHEAD_TRY_ASSIGN(const wire::Signature parsed, parsed_signature(signature));
    if (!ak.verifies(crypto::sha256_raw(bytes), parsed.r, parsed.s)) return refuse(reason::signature_invalid);
    return std::move(*attest);
}

Checked<> check_pcrs(const wire::Attest& attest, const attest::v1::Quote& quote,
                     const std::vector<unsigned>& wanted) {
    if (attest.selections.size() != 1 || attest.selections[0].hash != wire::alg_sha256)
        return refuse(reason::pcr_bank, "SHA-256 (11)",
                      attest.selections.empty() ? "none" : std::to_string(attest.selections[0].hash));
    std::vector<unsigned> sorted = wanted;
    std::ranges::sort(sorted);
    if (attest.selections[0].pcrs != sorted || sorted.empty())
        return refuse(reason::pcr_selection, list(sorted), list(attest.selections[0].pcrs));
    std::string values;
    std::vector<unsigned> indices;
    for (const auto& pcr : quote.pcrs()) {
        if (pcr.value().size() != wire::sha256_size || indices.size() == sorted.size())
            return refuse(reason::pcr_digest, list(sorted), std::to_string(quote.pcrs_size()) + " values");
        indices.push_back(pcr.index());
        values += pcr.value();
    }
    if (indices != sorted) return refuse(reason::pcr_digest, list(sorted), list(indices));
    if (const std::string digest = crypto::sha256_raw(values); digest != attest.pcr_digest)
        return refuse(reason::pcr_digest, crypto::to_hex(attest.pcr_digest), crypto::to_hex(digest));
    return {};
}

bool signed_by(const crypto::EcdsaKey& ak, std::string_view message, std::string_view signature) {
    const auto parsed = parsed_signature(signature);
    return parsed && ak.verifies(crypto::sha256_raw(message), parsed->r, parsed->s);
}

std::string pcr_of(const attest::v1::Quote& quote, unsigned pcr) {
    for (const auto& value : quote.pcrs())
        if (value.index() == pcr) return value.value();
    return {};
}

Result<> check_quote(std::string_view attest, std::string_view signature, std::string_view ak_public,
                     std::string_view qualifying) {
    const auto as_error = [](const Finding& finding) {
        return fail(Code::refused, finding.reason + ": " + finding.text, finding.seen, finding.expected);
    };
    const auto key = quote_key(ak_public);
    if (!key) return as_error(key.error());
    const auto parsed = check_signed(attest, signature, *key);
    if (!parsed) return as_error(parsed.error());
    if (parsed->extra_data != qualifying) return as_error(finding_of(reason::qualifying_differs));
    return {};
}

Result<> check_signature(std::string_view message, std::string_view signature, std::string_view ak_public) {
    const auto key = quote_key(ak_public);
    if (!key) return fail(Code::refused, key.error().reason + ": " + key.error().text, {}, key.error().seen);
    if (!signed_by(*key, message, signature))
        return fail(Code::refused,
                    std::string(reason::signature_invalid.word) + ": the attestation key did not sign this");
    return {};
}

}  // namespace bulkhead::attestation
