// Why evidence is refused: one stable word for each cause, and what it means. Scripts test the words; append
// only.
#pragma once

#include <algorithm>
#include <array>
#include <expected>
#include <iterator>
#include <string>
#include <string_view>

#include "attestation/verdict.hpp"

namespace bulkhead::attestation {

struct Reason {
    std::string_view word;
    std::string_view meaning;
};

namespace reason {
// The quote itself, of a host or a guest.
inline constexpr Reason quote_missing{"quote-missing", "there is no quote in the evidence"};
inline constexpr Reason quote_malformed{"quote-malformed", "the quote is no TPM structure that we know"};
inline constexpr Reason not_tpm_generated{
    "not-tpm-generated", "the quoted bytes were not made up by a TPM: their magic is another"};
inline constexpr Reason not_a_quote{"not-a-quote", "the TPM signed something else than a quote"};
inline constexpr Reason signature_algorithm{"signature-algorithm", "the signature is not ECDSA with SHA-256"};
inline constexpr Reason signature_invalid{"signature-invalid",
                                          "the quote was not signed by the attestation key that is enrolled"};
inline constexpr Reason round_differs{"round-differs", "the evidence answers another round"};
inline constexpr Reason nonce_replayed{"nonce-replayed",
                                       "the quote was made over another nonce than this round's"};
inline constexpr Reason leaf_wrong{"leaf-wrong", "a guest's evidence is not what the host quoted"};
inline constexpr Reason qualifying_differs{"qualifying-differs",
                                           "the quote is not for this round, gateway, boot, guests and TLS "
                                           "key (a relay, or evidence changed later)"};
inline constexpr Reason pcr_bank{"pcr-bank", "the quote is over another bank than SHA-256"};
inline constexpr Reason pcr_selection{"pcr-selection", "the quote is over other PCRs than were asked for"};
inline constexpr Reason pcr_digest{"pcr-digest", "the PCR values sent are not those that were quoted"};
// The host's life.
inline constexpr Reason reset_within_boot{"reset-within-boot", "the TPM was reset and the boot id stayed"};
inline constexpr Reason boot_without_reset{"boot-without-reset",
                                           "the boot id is new and the TPM was not reset"};
inline constexpr Reason counters_back{"counters-back",
                                      "the TPM's counters went back: another or restored TPM; enrol again"};
inline constexpr Reason firmware_not_measured{"firmware-not-measured",
                                              "the firmware of a host with a hardware TPM measured nothing"};
// The host's log.
inline constexpr Reason log_missing{"log-missing", "there is no log in the evidence"};
inline constexpr Reason log_too_large{"log-too-large", "the log is larger than any gateway writes in a boot"};
inline constexpr Reason log_malformed{"log-malformed",
                                      "the log is not a sequence of records as we write them"};
inline constexpr Reason record_unknown{"record-unknown",
                                       "a record is of a type that this console does not know"};
inline constexpr Reason record_forged{"record-forged", "a record's digest is not that of its content"};
inline constexpr Reason record_order{"record-order", "a record is missing, repeated or out of its order"};
inline constexpr Reason record_of_other_boot{"record-of-other-boot", "a record was made in another boot"};
inline constexpr Reason boot_id_differs{"boot-id-differs", "the log is of another boot than the quote"};
inline constexpr Reason boot_not_measured{"boot-not-measured", "the boot's own record was not measured"};
inline constexpr Reason boot_record_stale{"boot-record-stale",
                                          "the BOOT record was made before the TPM's latest reset"};
inline constexpr Reason log_truncated{"log-truncated", "the log is shorter than it was in an earlier round"};
inline constexpr Reason log_rewritten{"log-rewritten", "records that an earlier round has seen were changed"};
inline constexpr Reason pcr_extended_outside{
    "pcr-extended-outside",
    "PCR 13 holds more than the log tells: something else extended it, or records are missing"};
inline constexpr Reason log_not_quoted{
    "log-not-quoted",
    "the log does not lead to the quoted PCR 13: truncated, forged, or extended outside the log"};
inline constexpr Reason host_differs{"host-differs", "the host runs something else than IT signed"};
inline constexpr Reason no_reference{"no-reference",
                                     "IT signed no reference value for this, so nothing is right"};
// A guest.
inline constexpr Reason host_untrusted{"host-untrusted",
                                       "the host is untrusted, so what it says of guests is, too"};
inline constexpr Reason guests_too_many{"guests-too-many", "there are more guests than a gateway can have"};
inline constexpr Reason guest_twice{"guest-twice", "two guests in the evidence have the same uuid or name"};
inline constexpr Reason guest_omitted{"guest-omitted",
                                      "it was started, and the evidence does not mention it"};
inline constexpr Reason guest_absent{"guest-absent", "the guest did not answer"};
inline constexpr Reason guest_not_started{"guest-not-started", "the log has no running start of this guest"};
inline constexpr Reason guest_not_signed{"guest-not-signed", "it runs and is not in the spec that IT signed"};
inline constexpr Reason start_differs{"start-differs",
                                      "the guest's evidence is of another start than the log's latest"};
inline constexpr Reason vtpm_differs{"vtpm-differs",
                                     "the guest answers with another vTPM than it was started with"};
inline constexpr Reason endorsement_other_host{"endorsement-other-host", "another host endorsed this vTPM"};
inline constexpr Reason endorsement_other_guest{"endorsement-other-guest",
                                                "the endorsement is for another guest or vTPM"};
inline constexpr Reason endorsement_forged{"endorsement-forged",
                                           "the host's TPM did not sign the endorsement"};
inline constexpr Reason vtpm_held_elsewhere{"vtpm-held-elsewhere",
                                            "the same vTPM lives on another gateway: a clone"};
inline constexpr Reason ak_template{"ak-template",
                                    "the attestation key is not restricted to its TPM as our template wants"};
inline constexpr Reason guest_ak_changed{"guest-ak-changed",
                                         "the guest quotes with another key than was activated in its vTPM"};
inline constexpr Reason vtpm_rolled_back{
    "vtpm-rolled-back",
    "a new start did not raise the vTPM's reset count, or an earlier vTPM came back: its state was restored"};
inline constexpr Reason vtpm_reset_within_start{"vtpm-reset-within-start",
                                                "the vTPM was reset without a start in the log"};
inline constexpr Reason image_differs{"image-differs", "it was started from another image than IT signed"};
inline constexpr Reason program_differs{"program-differs",
                                        "QEMU, swtpm or firmware is another than IT signed"};
inline constexpr Reason argv_differs{"argv-differs", "QEMU was started with other arguments than IT signed"};
inline constexpr Reason configuration_differs{
    "configuration-differs",
    "devices, switch policy, application or limits are not those of the signed spec"};
}  // namespace reason

// All of them, in the order of README.md's table.
inline constexpr std::array reasons = {reason::quote_missing,
                                       reason::quote_malformed,
                                       reason::not_tpm_generated,
                                       reason::not_a_quote,
                                       reason::signature_algorithm,
                                       reason::signature_invalid,
                                       reason::round_differs,
                                       reason::nonce_replayed,
                                       reason::leaf_wrong,
                                       reason::qualifying_differs,
                                       reason::pcr_bank,
                                       reason::pcr_selection,
                                       reason::pcr_digest,
                                       reason::reset_within_boot,
                                       reason::boot_without_reset,
                                       reason::counters_back,
                                       reason::firmware_not_measured,
                                       reason::log_missing,
                                       reason::log_too_large,
                                       reason::log_malformed,
                                       reason::record_unknown,
                                       reason::record_forged,
                                       reason::record_order,
                                       reason::record_of_other_boot,
                                       reason::boot_id_differs,
                                       reason::boot_not_measured,
                                       reason::boot_record_stale,
                                       reason::log_truncated,
                                       reason::log_rewritten,
                                       reason::pcr_extended_outside,
                                       reason::log_not_quoted,
                                       reason::host_differs,
                                       reason::no_reference,
                                       reason::host_untrusted,
                                       reason::guests_too_many,
                                       reason::guest_twice,
                                       reason::guest_omitted,
                                       reason::guest_absent,
                                       reason::guest_not_started,
                                       reason::guest_not_signed,
                                       reason::start_differs,
                                       reason::vtpm_differs,
                                       reason::endorsement_other_host,
                                       reason::endorsement_other_guest,
                                       reason::endorsement_forged,
                                       reason::vtpm_held_elsewhere,
                                       reason::ak_template,
                                       reason::guest_ak_changed,
                                       reason::vtpm_rolled_back,
                                       reason::vtpm_reset_within_start,
                                       reason::image_differs,
                                       reason::program_differs,
                                       reason::argv_differs,
                                       reason::configuration_differs};

// A value, or why the evidence is refused.
template <class T = void>
using Checked = std::expected<T, Finding>;

Finding finding_of(const Reason& reason, std::string expected = {}, std::string seen = {});
inline std::unexpected<Finding> refuse(const Reason& reason, std::string expected = {},
                                       std::string seen = {}) {
    return std::unexpected(finding_of(reason, std::move(expected), std::move(seen)));
}

// Right by one of them at least; else what the first one, of which there must be one, has against it.
template <class Items, class Check>
Checked<> by_any(const Items& items, Check check) {
    Checked<> first = check(*items.begin());
    const bool passes = first || std::any_of(std::next(items.begin()), items.end(),
                                             [&](const auto& item) { return check(item).has_value(); });
    return passes ? Checked<>() : first;
}

}  // namespace bulkhead::attestation
