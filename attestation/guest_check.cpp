#include "attestation/guest_check.hpp"

#include <limits>
#include <tuple>

#include "attestation/credential.hpp"
#include "attestation/log_check.hpp"
#include "attestation/log_reader.hpp"
#include "attestation/quote_check.hpp"
#include "attestation/start_check.hpp"
#include "base/units.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::attestation {
namespace {

using attest::v1::Endorsement;
using attest::v1::GuestEvidence;

Counters counters_of(const wire::Attest& attest) {
    return {.clock = attest.clock, .reset_count = attest.reset_count, .restart_count = attest.restart_count};
}

// Rule (a): the host's TPM vouches for this vTPM, of this guest, here. `vek_name`: 34 bytes.
Checked<> check_endorsement(const Endorsement& endorsement, const std::string& uuid,
                            const std::string& vek_name, const TrustedHost& host) {
    if (endorsement.host_ak_name() != host.ak_name)
        return refuse(reason::endorsement_other_host, crypto::to_hex(host.ak_name),
                      crypto::to_hex(endorsement.host_ak_name()));
    if (endorsement.uuid() != uuid) return refuse(reason::endorsement_other_guest, uuid, endorsement.uuid());
    if (endorsement.vek_name() != vek_name)
        return refuse(reason::endorsement_other_guest, crypto::to_hex(vek_name),
                      crypto::to_hex(endorsement.vek_name()));
    if (!signed_by(host.ak, endorsement_content(endorsement), endorsement.signature()))
        return refuse(reason::endorsement_forged);
    return {};
}

// Rule (b), its end: the guest answers for the latest start, with the vTPM of that start. Gives the vEK's
// Name.
Checked<std::string> check_vtpm(const GuestEvidence& guest, const Record& start) {
    if (const std::string seen = std::to_string(guest.start_number()); seen != fact(start, "start_number"))
        return refuse(reason::start_differs, fact(start, "start_number"), seen);
    if (guest.partition() != fact(start, "partition"))
        return refuse(reason::start_differs, fact(start, "partition"), guest.partition());
    const auto name = name_of(guest.ek_public());
    if (!name) return refuse(reason::vtpm_differs, fact(start, "vek_name"), name.error().what);
    if (const std::string seen = crypto::to_hex(*name); seen != fact(start, "vek_name"))
        return refuse(reason::vtpm_differs, fact(start, "vek_name"), seen);
    return *name;
}

// Rule (c): the guest's quote is for this round, this guest and this host.
Checked<wire::Attest> check_guest_quote(const GuestEvidence& guest, const TrustedHost& host,
                                        const attest::v1::Challenge& challenge) {
    BULKHEAD_TRY_ASSIGN(const crypto::EcdsaKey key, quote_key(guest.ak_public()));
    BULKHEAD_TRY_ASSIGN(wire::Attest attest,
                        check_signed(guest.quote().attest(), guest.quote().signature(), key));
    const std::string wanted =
        guest_qualifying(challenge.nonce(), guest.uuid(), host.ak_name, guest.start_number());
    if (attest.extra_data != wanted)
        return refuse(reason::qualifying_differs, crypto::to_hex(wanted), crypto::to_hex(attest.extra_data));
    BULKHEAD_TRY(
        check_pcrs(attest, guest.quote(), {challenge.guest_pcrs().begin(), challenge.guest_pcrs().end()}));
    return attest;
}

// Rule (f) for a vTPM that was made anew: the former one, and its counters, are over for good.
Checked<> check_generation(const KnownGuest& known, const KnownGuest& now) {
    const bool same = now.vek_name == known.vek_name;
    if (now.generation > known.generation || (same && now.generation == known.generation)) return {};
    return refuse(reason::vtpm_rolled_back,
                  "generation " + std::to_string(known.generation) + (same ? "" : " or later, of this vTPM"),
                  "generation " + std::to_string(now.generation));
}

// Rule (f): each start of the guest is one of its vTPM, too, and a vTPM never gets younger.
Checked<> check_life(const KnownGuest& known, std::uint64_t start_number, const Counters& now) {
    const auto text = [](std::uint64_t number) { return std::to_string(number); };
    if (start_number < known.start_number)
        return refuse(reason::start_differs, text(known.start_number), text(start_number));
    if (start_number > known.start_number) {
        if (now.reset_count <= known.counters.reset_count)
            return refuse(reason::vtpm_rolled_back, "more than " + text(known.counters.reset_count),
                          text(now.reset_count));
        return {};
    }
    if (now.reset_count != known.counters.reset_count)
        return refuse(reason::vtpm_reset_within_start, text(known.counters.reset_count),
                      text(now.reset_count));
    if (std::tie(now.restart_count, now.clock) < std::tie(known.counters.restart_count, known.counters.clock))
        return refuse(reason::counters_back, text(known.counters.clock), text(now.clock));
    return {};
}

// The whole link. Gives what is to be remembered; its AK's name is empty if it is to be activated first.
Checked<KnownGuest> check_link(const GuestEvidence& guest, const Record& start, const TrustedHost& host,
                               const Expectation& expectation) {
    BULKHEAD_TRY_ASSIGN(const std::string vek_name, check_vtpm(guest, start));
    BULKHEAD_TRY(check_endorsement(guest.endorsement(), guest.uuid(), vek_name, host));
    KnownGuest now{.vek_name = crypto::to_hex(vek_name),
                   .generation = guest.endorsement().generation(),
                   .start_number = guest.start_number()};
    if (const auto other = expectation.held_elsewhere.find(now.vek_name);
        other != expectation.held_elsewhere.end())
        return refuse(reason::vtpm_held_elsewhere, expectation.known.gateway, other->second);
    BULKHEAD_TRY_ASSIGN(const wire::Attest attest, check_guest_quote(guest, host, expectation.challenge));
    now.counters = counters_of(attest);
    const auto known = expectation.known.guests.find(guest.uuid());
    if (known == expectation.known.guests.end()) return now;
    BULKHEAD_TRY(check_generation(known->second, now));
    // A vTPM that was made anew has a life of its own; its host endorsed it, and its AK is activated again.
    if (known->second.vek_name != now.vek_name) return now;
    const std::string ak_name = crypto::to_hex(*name_of(guest.ak_public()));
    if (!known->second.ak_name.empty() && known->second.ak_name != ak_name)
        return refuse(reason::guest_ak_changed, known->second.ak_name, ak_name);
    BULKHEAD_TRY(check_life(known->second, now.start_number, now.counters));
    now.ak_name = known->second.ak_name;
    return now;
}

GuestJudgement refused(Status status, Finding finding, const Record& start) {
    if (finding.record.empty()) finding.record = describe(start);
    return {.verdict = {.status = status, .finding = std::move(finding)}};
}

GuestJudgement untrusted(Finding finding, const Record& start) {
    return refused(Status::untrusted, std::move(finding), start);
}

// The quotes come before the log: a guest that is started in between has answered for its former life.
bool is_of_former_start(const GuestEvidence& guest, const Record& start) {
    const auto latest =
        parse_number(fact(start, "start_number"), 0, std::numeric_limits<std::uint64_t>::max());
    return latest && guest.start_number() < *latest;
}

}  // namespace

GuestJudgement check_guest(const GuestEvidence* guest, const Record& start, const TrustedHost& host,
                           const Expectation& expectation) {
    if (const auto right = check_start(start, expectation.states); !right)
        return untrusted(right.error(), start);
    if (guest == nullptr) return untrusted(finding_of(reason::guest_omitted), start);
    if (!guest->absent().empty())
        return refused(Status::unknown, finding_of(reason::guest_absent, {}, guest->absent()), start);
    if (is_of_former_start(*guest, start))
        return refused(Status::unknown,
                       finding_of(reason::start_differs, fact(start, "start_number"),
                                  std::to_string(guest->start_number())),
                       start);
    auto known = check_link(*guest, start, host, expectation);
    if (!known) return untrusted(known.error(), start);
    GuestJudgement judgement{.verdict = {.status = Status::trusted, .start_number = guest->start_number()},
                             .known = std::move(*known)};
    if (judgement.known->ak_name.empty()) {
        judgement.verdict.status = Status::unknown;
        judgement.activation = ActivationNeeded{.partition = guest->partition(),
                                                .uuid = guest->uuid(),
                                                .ek_public = guest->ek_public(),
                                                .ak_public = guest->ak_public()};
    }
    return judgement;
}

}  // namespace bulkhead::attestation
