#include "attestation/host_check.hpp"

#include <set>
#include <tuple>

#include "attestation/quote_check.hpp"
#include "attestation/wire/algorithms.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::attestation {
namespace {

using attest::v1::Evidence;

Checked<> check_count(std::size_t guests) {
    if (guests <= guest_limit) return {};
    return refuse(reason::guests_too_many, std::to_string(guest_limit), std::to_string(guests));
}

Checked<> check_guest_list(const Evidence& evidence) {
    BULKHEAD_TRY(check_count(static_cast<std::size_t>(evidence.guests_size())));
    std::set<std::string> uuids;
    std::set<std::string> names;
    for (const auto& guest : evidence.guests())
        if (!uuids.insert(guest.uuid()).second || !names.insert(guest.partition()).second)
            return refuse(reason::guest_twice, {}, guest.partition() + " " + guest.uuid());
    return {};
}

// The nonce, gateway, boot, guests and TLS key that the quote must be made over.
Checked<> check_qualifying(const wire::Attest& attest, const Evidence& evidence,
                           const Expectation& expectation) {
    const std::string root = merkle_root(evidence);
    const std::string& nonce = expectation.challenge.nonce();
    const std::string wanted = host_qualifying(nonce, expectation.known.gateway, evidence.boot_id(), root,
                                               expectation.known.tls_public_key);
    if (attest.extra_data == wanted) return {};
    if (!evidence.nonce().empty() && evidence.nonce() != nonce)
        return refuse(reason::nonce_replayed, crypto::to_hex(nonce), crypto::to_hex(evidence.nonce()));
    if (!evidence.root().empty() && evidence.root() != root)
        return refuse(reason::leaf_wrong, crypto::to_hex(evidence.root()), crypto::to_hex(root));
    return refuse(reason::qualifying_differs, crypto::to_hex(wanted), crypto::to_hex(attest.extra_data));
}

Checked<> check_life(const KnownHost& known, const std::string& boot_id, const Counters& now) {
    const auto text = [](std::uint64_t number) { return std::to_string(number); };
    if (known.boot_id.empty()) return {};
    const Counters& before = known.counters;
    if (boot_id != known.boot_id) {
        if (now.reset_count < before.reset_count)
            return refuse(reason::counters_back, "more than " + text(before.reset_count),
                          text(now.reset_count));
        if (now.reset_count == before.reset_count)
            return refuse(reason::boot_without_reset, "more than " + text(before.reset_count),
                          text(now.reset_count));
        return {};
    }
    if (now.reset_count != before.reset_count)
        return refuse(reason::reset_within_boot, text(before.reset_count), text(now.reset_count));
    if (std::tie(now.restart_count, now.clock) < std::tie(before.restart_count, before.clock))
        return refuse(reason::counters_back, text(before.clock), text(now.clock));
    return {};
}

// Firmware measures into PCR 0 first of all. A software TPM has none that could.
Checked<> check_firmware(const Evidence& evidence, TrustAnchor anchor) {
    if (anchor == TrustAnchor::software) return {};
    const std::string value = pcr_of(evidence.host(), 0);
    if (!value.empty() && value != std::string(wire::sha256_size, '\0')) return {};
    Finding finding =
        finding_of(reason::firmware_not_measured, {}, value.empty() ? "not quoted" : crypto::to_hex(value));
    finding.pcr = "0";
    return std::unexpected(finding);
}

}  // namespace

Checked<HostEvidence> check_host(const Evidence& evidence, const crypto::EcdsaKey& ak,
                                 const Expectation& expectation) {
    const auto& challenge = expectation.challenge;
    BULKHEAD_TRY(check_guest_list(evidence));
    BULKHEAD_TRY_ASSIGN(const wire::Attest attest,
                        check_signed(evidence.host().attest(), evidence.host().signature(), ak));
    BULKHEAD_TRY(check_qualifying(attest, evidence, expectation));
    if (evidence.round() != challenge.round())
        return refuse(reason::round_differs, std::to_string(challenge.round()),
                      std::to_string(evidence.round()));
    BULKHEAD_TRY(
        check_pcrs(attest, evidence.host(), {challenge.host_pcrs().begin(), challenge.host_pcrs().end()}));
    HostEvidence host{.counters = {.clock = attest.clock,
                                   .reset_count = attest.reset_count,
                                   .restart_count = attest.restart_count}};
    BULKHEAD_TRY(check_life(expectation.known, evidence.boot_id(), host.counters));
    BULKHEAD_TRY(check_firmware(evidence, expectation.known.anchor));
    const std::string pcr = pcr_of(evidence.host(), measurement_pcr);
    if (pcr.empty()) return refuse(reason::pcr_selection, std::to_string(measurement_pcr), "not quoted");
    BULKHEAD_TRY_ASSIGN(
        host.log, check_log(evidence.log(), evidence.boot_id(), pcr, attest.reset_count, expectation.known));
    BULKHEAD_TRY(check_count(host.log.running.size()));
    BULKHEAD_TRY(by_any(expectation.states, [&](const SignedState& state) {
        return check_boot(host.log.boot, state.references);
    }));
    return host;
}

}  // namespace bulkhead::attestation
