#include "console/server/enrolment.hpp"

#include <algorithm>

#include "attestation/credential.hpp"
#include "attestation/verifier.hpp"
#include "base/log.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "console/server/fingerprint.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/random.hpp"

namespace bulkhead::console {
namespace {

constexpr std::chrono::seconds patience{60};
constexpr std::size_t most_pending = 1024;
constexpr std::ptrdiff_t most_renewals = 8;  // begun and not ended, of one gateway
constexpr std::size_t key_limit = 1024;
constexpr std::size_t document_limit = 16 * 1024;

Result<> check_size(std::string_view name, std::size_t size, std::size_t limit) {
    if (size <= limit) return {};
    return fail(Code::invalid, std::string(name) + " has " + std::to_string(size) + " bytes", {},
                "at most " + std::to_string(limit));
}

Result<> check_request(const api::EnrolRequest& request) {
    if (!is_label(request.gateway()))
        return fail(Code::invalid, "'" + printable(request.gateway(), 80) + "' is no name for a gateway", {},
                    "a-z, 0-9 and '-', at most 63 of them");
    BULKHEAD_TRY(check_size("the EK", request.ek_public().size(), key_limit));
    BULKHEAD_TRY(check_size("the AK", request.ak_public().size(), key_limit));
    BULKHEAD_TRY(check_size("the EK's certificate", request.ek_certificate().size(), document_limit));
    BULKHEAD_TRY(check_size("the token", request.token().size(), key_limit));
    return check_size("the certificate request", request.csr().size(), document_limit);
}

std::unexpected<Error> unknown_gateway(const std::string& name) {
    return fail(Code::not_found, "no gateway '" + printable(name, 80) + "' is enrolled here", {}, {},
                "bulkhead enroll with a new join string");
}

}  // namespace

Seconds Enrolment::now() const {
    return std::chrono::floor<std::chrono::seconds>(parts_.clock.utc()).time_since_epoch().count();
}

api::EnrolGrant Enrolment::grant(const Authority::Issued& issued) const {
    api::EnrolGrant grant;
    grant.set_certificate(issued.certificate);
    grant.set_console_time(rfc3339(parts_.clock.utc()));
    grant.set_not_after(rfc3339(issued.not_after));
    return grant;
}

Result<std::string> Enrolment::remember(Pending pending, const std::string& session) {
    const std::scoped_lock lock(mutex_);
    const auto now = parts_.clock.monotonic();
    std::erase_if(pending_, [&](const auto& entry) { return entry.second.expires < now; });
    const bool renews = pending.token.empty();
    const auto is_alike = [&](const auto& entry) {
        return entry.second.token.empty() == renews && (!renews || entry.second.row.name == pending.row.name);
    };
    const auto alike = std::ranges::count_if(pending_, is_alike);
    // Whoever knows a gateway's name may begin its renewal: the newest few count, and no other gateway's.
    if (renews && alike >= most_renewals) {
        auto oldest = std::ranges::find_if(pending_, is_alike);
        for (auto each = oldest; each != pending_.end(); ++each)
            if (is_alike(*each) && each->second.expires < oldest->second.expires) oldest = each;
        pending_.erase(oldest);
    }
    if (!renews && alike >= static_cast<std::ptrdiff_t>(most_pending))
        return fail(Code::unavailable, "too many gateways enrol at once", {}, {}, "try again in a minute");
    pending.expires = now + patience;
    pending_.emplace(session, std::move(pending));
    return session;
}

Result<Enrolment::Pending> Enrolment::take(const std::string& session) {
    const std::scoped_lock lock(mutex_);
    const auto found = pending_.find(session);
    if (found == pending_.end() || found->second.expires < parts_.clock.monotonic())
        return fail(Code::refused, "this challenge was answered already, or is older than 60 s", {},
                    "one answer to each challenge", "begin again");
    auto pending = std::move(found->second);
    pending_.erase(found);
    return pending;
}

Result<> Enrolment::check_free(const GatewayRow& row) {
    BULKHEAD_TRY_ASSIGN(const auto same_ek, parts_.store.gateway_by_ek(row.ek_public));
    if (same_ek)
        return fail(Code::conflict, "this TPM is enrolled already, as gateway '" + same_ek->name + "'", {},
                    "one gateway for each TPM",
                    "bulkhead-console gateway remove " + same_ek->name + ", if it shall have another name");
    BULKHEAD_TRY_ASSIGN(const auto same_name, parts_.store.gateway(row.name));
    if (same_name)
        return fail(Code::conflict, "a gateway '" + row.name + "' with another TPM is enrolled already", {},
                    "another name",
                    "bulkhead-console gateway remove " + row.name + ", if its TPM or machine was replaced");
    return {};
}

Result<api::EnrolChallenge> Enrolment::begin(const api::EnrolRequest& request) {
    BULKHEAD_TRY(check_request(request));
    Pending pending;
    pending.token = fingerprint(request.token());
    BULKHEAD_TRY_ASSIGN(const auto token,
                        parts_.store.check_token(pending.token, fingerprint(request.ek_public()), now()));
    pending.row.name = request.gateway();
    pending.row.ek_public = request.ek_public();
    pending.row.ak_public = request.ak_public();
    pending.row.actor = token.actor;
    BULKHEAD_TRY(check_free(pending.row));
    BULKHEAD_TRY_ASSIGN(pending.tls_public_key,
                        crypto::public_key_of_csr(request.csr(), "the certificate request"));
    // What the gateway believes of its TPM does not count.
    BULKHEAD_TRY_ASSIGN(const auto anchor, attestation::check_ek_certificate(request.ek_certificate(),
                                                                             request.ek_public(), ek_roots_));
    pending.row.anchor = to_string(anchor);
    BULKHEAD_TRY_ASSIGN(auto credential,
                        attestation::make_credential(request.ek_public(), request.ak_public()));
    pending.secret = std::move(credential.secret);
    pending.nonce = crypto::random_bytes(attestation::nonce_bytes);
    api::EnrolChallenge challenge;
    challenge.set_nonce(pending.nonce);
    challenge.set_credential(credential.id_object);
    challenge.set_secret(credential.encrypted_secret);
    BULKHEAD_TRY_ASSIGN(
        *challenge.mutable_session(),
        remember(std::move(pending), crypto::to_hex(crypto::random_bytes(attestation::nonce_bytes))));
    return challenge;
}

Result<api::EnrolGrant> Enrolment::complete(const api::EnrolProof& proof) {
    BULKHEAD_TRY_ASSIGN(auto pending, take(proof.session()));
    if (pending.token.empty()) return fail(Code::invalid, "this challenge is one of a renewal");
    const auto& row = pending.row;
    const auto mac = attestation::enrolment_mac(pending.secret, proof.session(), pending.nonce, row.ek_public,
                                                row.ak_public, pending.tls_public_key);
    if (!crypto::equal_in_constant_time(mac, proof.activated()))
        return fail(Code::refused, "the TPM did not open the challenge: this AK is not on the EK's TPM",
                    row.name);
    BULKHEAD_TRY(
        attestation::check_quote(proof.quote().attest(), proof.quote().signature(), row.ak_public,
                                 attestation::enrol_qualifying(pending.nonce, pending.tls_public_key)));
    return enrol(std::move(pending));
}

Result<api::EnrolGrant> Enrolment::enrol(Pending pending) {
    auto& row = pending.row;
    BULKHEAD_TRY_ASSIGN(const auto issued, parts_.authority.issue(row.name, pending.tls_public_key));
    row.serial = issued.serial;
    row.not_after = issued.not_after.time_since_epoch().count();
    row.enrolled_at = rfc3339(parts_.clock.utc());
    const auto stored = parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.store.check_token(pending.token, fingerprint(row.ek_public), now()));
        BULKHEAD_TRY(parts_.store.use_token(pending.token, row.name));
        BULKHEAD_TRY(parts_.store.add_gateway(row));
        return parts_.store.add_audit({0,
                                       row.enrolled_at,
                                       "token",
                                       {},
                                       "gateway.enrolled",
                                       row.name,
                                       "TPM " + row.anchor + ", token of " + row.actor});
    });
    BULKHEAD_TRY(stored);
    parts_.roster.put(state_of(row, {}));
    parts_.watchers.tell({row.name, {}, "gateway"}, {});
    log::info("enrolled a gateway", {{"gateway", row.name}, {"trust_anchor", row.anchor}});
    return grant(issued);
}

Result<api::RenewalChallenge> Enrolment::begin_renewal(const api::RenewalRequest& request) {
    BULKHEAD_TRY(check_size("the certificate request", request.csr().size(), document_limit));
    BULKHEAD_TRY_ASSIGN(const auto row, parts_.store.gateway(request.gateway()));
    if (!row) return unknown_gateway(request.gateway());
    Pending pending;
    pending.row = *row;
    BULKHEAD_TRY_ASSIGN(pending.tls_public_key,
                        crypto::public_key_of_csr(request.csr(), "the certificate request"));
    pending.nonce = crypto::random_bytes(attestation::nonce_bytes);
    api::RenewalChallenge challenge;
    challenge.set_nonce(pending.nonce);
    BULKHEAD_TRY_ASSIGN(
        *challenge.mutable_session(),
        remember(std::move(pending), crypto::to_hex(crypto::random_bytes(attestation::nonce_bytes))));
    return challenge;
}

Result<api::EnrolGrant> Enrolment::complete_renewal(const api::RenewalProof& proof) {
    BULKHEAD_TRY_ASSIGN(const auto pending, take(proof.session()));
    if (!pending.token.empty()) return fail(Code::invalid, "this challenge is one of an enrolment");
    BULKHEAD_TRY(
        attestation::check_quote(proof.quote().attest(), proof.quote().signature(), pending.row.ak_public,
                                 attestation::renew_qualifying(pending.nonce, pending.tls_public_key)));
    return grant_next(pending.row.name, pending.tls_public_key);
}

Result<api::EnrolGrant> Enrolment::renew(const std::string& gateway, const std::string& serial,
                                         const api::RenewInline& request) {
    BULKHEAD_TRY(check_size("the certificate request", request.csr().size(), document_limit));
    BULKHEAD_TRY_ASSIGN(const auto row, parts_.store.gateway(gateway));
    if (!row) return unknown_gateway(gateway);
    BULKHEAD_TRY_ASSIGN(const auto key, crypto::public_key_of_csr(request.csr(), "the certificate request"));
    BULKHEAD_TRY(attestation::check_quote(request.quote().attest(), request.quote().signature(),
                                          row->ak_public, attestation::renew_qualifying(serial, key)));
    return grant_next(gateway, key);
}

Result<api::EnrolGrant> Enrolment::grant_next(const std::string& gateway, const std::string& tls_public_key) {
    BULKHEAD_TRY_ASSIGN(const auto issued, parts_.authority.issue(gateway, tls_public_key));
    const auto stored = parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.store.issue_certificate(gateway, issued.serial,
                                                    issued.not_after.time_since_epoch().count()));
        return parts_.store.add_audit({0,
                                       rfc3339(parts_.clock.utc()),
                                       "gateway:" + gateway,
                                       {},
                                       "gateway.renewed",
                                       gateway,
                                       "until " + rfc3339(issued.not_after)});
    });
    BULKHEAD_TRY(stored);
    return grant(issued);
}

}  // namespace bulkhead::console
