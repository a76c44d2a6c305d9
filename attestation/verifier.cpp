#include "attestation/verifier.hpp"

#include <algorithm>

#include "attestation/credential.hpp"
#include "attestation/guest_check.hpp"
#include "attestation/host_check.hpp"
#include "attestation/log_reader.hpp"
#include "attestation/quote_check.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::attestation {
namespace {

using attest::v1::Evidence;
using attest::v1::GuestEvidence;

Verdict untrusted(TrustAnchor anchor, Finding finding) {
    return {.status = Status::untrusted, .anchor = anchor, .finding = std::move(finding)};
}

// Of each partition of the signed states: `verdict`, if there is none yet.
void add_unjudged(Judgement& judgement, const Expectation& expectation, const Verdict& verdict) {
    for (const SignedState& state : expectation.states)
        for (const auto& partition : state.spec.partitions)
            judgement.partitions.try_emplace(partition.name.str(), verdict);
}

Judgement distrust(const Expectation& expectation, const Finding& finding) {
    const TrustAnchor anchor = expectation.known.anchor;
    Judgement judgement{.host = untrusted(anchor, finding), .known = expectation.known};
    add_unjudged(judgement, expectation,
                 untrusted(anchor, finding_of(reason::host_untrusted, {}, finding.reason)));
    return judgement;
}

bool is_signed(const Expectation& expectation, const model::PartitionName& partition) {
    return std::ranges::any_of(
        expectation.states, [&](const SignedState& state) { return state.spec.find(partition) != nullptr; });
}

// A host whose partitions are made anew without end must not fill the console's memory. What runs, and a
// stopped partition that may come back, is remembered.
void forget_surplus(std::map<std::string, KnownGuest>& guests, const QuotedLog& log) {
    if (guests.size() <= known_guest_limit) return;
    std::erase_if(guests, [&](const auto& entry) { return !log.running.contains(entry.first); });
}

const GuestEvidence* guest_of(const Evidence& evidence, const std::string& uuid) {
    for (const GuestEvidence& guest : evidence.guests())
        if (guest.uuid() == uuid) return &guest;
    return nullptr;
}

void judge_running(Judgement& judgement, const Evidence& evidence, const Record& start,
                   const TrustedHost& host, const Expectation& expectation) {
    const std::string name = fact(start, "partition");
    const std::string& uuid = fact(start, "uuid");
    const bool known = is_signed(expectation, model::PartitionName(name));
    if (!known || judgement.partitions.contains(name)) {
        Finding finding = finding_of(known ? reason::guest_twice : reason::guest_not_signed, {}, uuid);
        finding.record = describe(start);
        judgement.partitions[name] = untrusted(expectation.known.anchor, std::move(finding));
        return;
    }
    GuestJudgement guest = check_guest(guest_of(evidence, uuid), start, host, expectation);
    guest.verdict.anchor = expectation.known.anchor;
    judgement.partitions[name] = guest.verdict;
    if (guest.known) judgement.known.guests[uuid] = std::move(*guest.known);
    if (guest.activation) judgement.activations.push_back(std::move(*guest.activation));
}

// Those that do not run by the quoted log: unknown, unless evidence came of one all the same.
void judge_stopped(Judgement& judgement, const Evidence& evidence, const QuotedLog& log,
                   const Expectation& expectation) {
    add_unjudged(judgement, expectation, {.anchor = expectation.known.anchor});
    for (const GuestEvidence& guest : evidence.guests()) {
        if (log.running.contains(guest.uuid()) || !guest.absent().empty()) continue;
        if (const auto verdict = judgement.partitions.find(guest.partition());
            verdict != judgement.partitions.end())
            verdict->second =
                untrusted(expectation.known.anchor, finding_of(reason::guest_not_started, {}, guest.uuid()));
    }
}

}  // namespace

Judgement verify(const Evidence& evidence, const Expectation& expectation) {
    const KnownHost& known = expectation.known;
    const auto ak = quote_key(known.ak_public);
    if (!ak) return distrust(expectation, ak.error());
    const auto host = check_host(evidence, *ak, expectation);
    if (!host) return distrust(expectation, host.error());

    Judgement judgement{.host = {.status = Status::trusted, .anchor = known.anchor}, .known = known};
    judgement.known.boot_id = evidence.boot_id();
    judgement.known.counters = host->counters;
    judgement.known.records = host->log.records;
    judgement.known.replayed = crypto::to_hex(host->log.pcr);
    const TrustedHost trusted{.ak = *ak, .ak_name = *name_of(known.ak_public)};
    for (const auto& [uuid, start] : host->log.running)
        judge_running(judgement, evidence, start, trusted, expectation);
    judge_stopped(judgement, evidence, host->log, expectation);
    forget_surplus(judgement.known.guests, host->log);
    return judgement;
}

}  // namespace bulkhead::attestation
