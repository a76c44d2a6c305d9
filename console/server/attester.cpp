#include "console/server/attester.hpp"

#include <algorithm>

#include "attestation/credential.hpp"
#include "attestation/event_log.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "console/server/fleet_views.hpp"
#include "console/server/known_host.hpp"
#include "crypto/encoding.hpp"
#include "crypto/random.hpp"
#include "spec/desired.hpp"
#include "spec/validate.hpp"

namespace bulkhead::console {
namespace {

namespace wire = bulkhead::attest::v1;

constexpr std::chrono::seconds nonce_life{60};
constexpr std::chrono::seconds evidence_wait{20};  // a gateway waits 10 s for its guests before it answers
constexpr std::chrono::seconds shortest_pause{1};  // between two rounds, however often something starts
constexpr std::size_t most_activations = 64;
constexpr std::chrono::seconds activation_life{15};  // longer than a gateway waits for a guest's answer
constexpr int rounds_of_a_lease = 3;

api::AttestationView view_of(const std::string& gateway, const std::string& partition,
                             const attestation::Verdict& verdict, const std::string& time) {
    api::AttestationView view;
    view.set_gateway(gateway);
    view.set_partition(partition);
    view.set_attestation(std::string(to_string(verdict.status)));
    view.set_trust_anchor(std::string(to_string(verdict.anchor)));
    view.set_attested_at(time);
    view.set_start_number(verdict.start_number);
    if (!verdict.finding) return view;
    view.set_reason(verdict.finding->reason);
    view.set_text(verdict.finding->text);
    view.set_pcr(verdict.finding->pcr);
    view.set_record(verdict.finding->record);
    view.set_expected(verdict.finding->expected);
    view.set_seen(verdict.finding->seen);
    return view;
}

attestation::Verdict unknown(attestation::TrustAnchor anchor, std::string reason, std::string text) {
    attestation::Verdict verdict;
    verdict.anchor = anchor;
    verdict.finding = attestation::Finding{};
    verdict.finding->reason = std::move(reason);
    verdict.finding->text = std::move(text);
    return verdict;
}

// Each once, the first ones first.
std::vector<std::string> both(std::vector<std::string> some, const std::vector<std::string>& more) {
    for (const auto& each : more)
        if (!each.empty() && std::ranges::find(some, each) == some.end()) some.push_back(each);
    return some;
}

// Where a gateway may be: what it says is in force; what was before, until it says that it is through; and
// what it was sent, for it carries that out before it says so.
std::vector<std::string> envelopes_of(const GatewayRow& row) {
    return both({}, {row.envelope_applied, row.envelope_reached, row.envelope});
}

std::string tenant_of(const GatewayState& state, const std::string& partition) {
    for (const auto& item : state.report->partitions().items())
        if (item.name() == partition) return item.tenant();
    return {};
}

}  // namespace

void Attester::ask_soon() {
    const std::scoped_lock lock(mutex_);
    soon_ = true;
}

void Attester::tick() {
    api::FromConsole message;
    {
        const std::scoped_lock lock(mutex_);
        const auto now = parts_.clock.monotonic();
        if (begun_ && now < *begun_ + (soon_ ? shortest_pause : parts_.round)) return;
        // A round in flight is let finish: with another in its place one slow guest would keep all from ever
        // being believed. Only an answer that must have been lost is not waited for.
        if (round_ && now < round_->begun + evidence_wait) return;
        soon_ = false;
        begun_ = now;
        round_ = next_round(now);
        *message.mutable_challenge() = round_->challenge;
    }
    send_(std::move(message));
}

Attester::Round Attester::next_round(MonotonicTime now) {
    Round next{.begun = now};
    next.challenge.set_round(++last_round_);
    next.challenge.set_nonce(crypto::random_bytes(attestation::nonce_bytes));
    for (std::uint32_t pcr = 0; pcr < 10; ++pcr) {
        next.challenge.add_host_pcrs(pcr);
        next.challenge.add_guest_pcrs(pcr);
    }
    next.challenge.add_host_pcrs(attestation::measurement_pcr);
    if (const auto row = known_row()) next.envelopes = envelopes_of(*row);
    return next;
}

std::optional<Attester::Round> Attester::take_round(std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    if (!round_ || round_->challenge.round() != number ||
        parts_.clock.monotonic() > round_->begun + nonce_life)
        return std::nullopt;
    return std::exchange(round_, std::nullopt);
}

void Attester::evidence(const wire::Evidence& evidence) {
    const auto round = take_round(evidence.round());
    if (!round) {
        // Of a nonce that was used or is too old: proves nothing. What was known ages until it is stale.
        log::warning("evidence for no open round",
                     {{"gateway", gateway_}, {"round", std::to_string(evidence.round())}});
        return;
    }
    if (const auto judged = judge(evidence, *round); !judged)
        log::error("can't judge evidence", {{"gateway", gateway_}, {"error", judged.error().text()}});
}

std::optional<GatewayRow> Attester::known_row() const {
    auto row = parts_.store.gateway(gateway_);
    if (row) return std::move(*row);
    log::error("can't read a gateway's row", {{"gateway", gateway_}, {"error", row.error().text()}});
    return std::nullopt;
}

Result<attestation::KnownHost> Attester::known_host(const GatewayRow& row) const {
    BULKHEAD_TRY_ASSIGN(auto known, known_host_from_json(row.known_host));
    known.gateway = row.name;
    known.anchor = row.anchor == to_string(attestation::TrustAnchor::hardware)
                       ? attestation::TrustAnchor::hardware
                       : attestation::TrustAnchor::software;
    known.ak_public = row.ak_public;
    known.tls_public_key = tls_public_key_;
    return known;
}

Result<Attester::Opened> Attester::open(const std::string& envelope) const {
    BULKHEAD_TRY_ASSIGN(const auto rows, parts_.store.it_keys());
    std::vector<crypto::VerifyKey> trusted;
    for (const auto& key : rows)
        if (auto read = crypto::VerifyKey::from_pem(key.pem, key.id)) trusted.push_back(std::move(*read));
    BULKHEAD_TRY_ASSIGN(const auto desired, spec::open_desired(envelope, trusted, "desired state"));
    auto read = spec::read_spec(desired.document, desired.document_name);
    if (!read) return std::unexpected(read.error().front());
    BULKHEAD_TRY_ASSIGN(auto references, attestation::references_from_json(desired.references, "references"));
    return Opened{std::move(*read), std::move(references)};
}

// References into `opened_`, until the next call.
Result<std::vector<attestation::SignedState>> Attester::states(const Envelopes& envelopes) {
    std::map<std::string, Opened> opened;
    std::vector<attestation::SignedState> states;
    for (const auto& envelope : envelopes) {
        auto known = opened_.extract(envelope);
        if (known.empty()) {
            auto fresh = open(envelope);
            if (!fresh && states.empty()) return std::unexpected(fresh.error());
            if (!fresh) {
                // Of a key that counts no more, say.
                log::warning("a state is not compared with",
                             {{"gateway", gateway_}, {"error", fresh.error().text()}});
                continue;
            }
            opened.emplace(envelope, std::move(*fresh));
        } else {
            opened.insert(std::move(known));
        }
        const auto& [spec, references] = opened.at(envelope);
        states.push_back({spec, references});
    }
    opened_ = std::move(opened);
    return states;
}

Result<> Attester::judge(const wire::Evidence& evidence, const Round& round) {
    BULKHEAD_TRY_ASSIGN(const auto row, parts_.store.gateway(gateway_));
    if (!row) return fail(Code::not_found, "the gateway was removed", gateway_);
    BULKHEAD_TRY_ASSIGN(const auto known, known_host(*row));
    if (row->envelope_applied.empty())
        return publish(
            unknown(known.anchor, "no-reference",
                    "no desired state that IT signed is in force on this gateway: there is nothing to "
                    "compare with"),
            {}, known);
    // Guests take their time to answer: what was quoted may be older than what is in force by now.
    BULKHEAD_TRY_ASSIGN(const auto wanted, states(both(envelopes_of(*row), round.envelopes)));
    std::vector<std::string> veks;
    for (const auto& guest : evidence.guests())
        if (auto name = attestation::name_of(guest.ek_public())) veks.push_back(crypto::to_hex(*name));
    const auto held = parts_.leases.held_elsewhere(veks, gateway_, parts_.clock.utc());
    const auto judgement = attestation::verify(evidence, {round.challenge, known, wanted, held});
    claim_leases(judgement, evidence);
    BULKHEAD_TRY(publish(judgement.host, judgement.partitions, judgement.known));
    for (const auto& needed : judgement.activations) activate(needed);
    return {};
}

void Attester::claim_leases(const attestation::Judgement& judgement, const wire::Evidence& evidence) {
    for (const auto& guest : evidence.guests()) {
        const auto verdict = judgement.partitions.find(guest.partition());
        if (verdict == judgement.partitions.end() || verdict->second.status != attestation::Status::trusted)
            continue;
        if (const auto name = attestation::name_of(guest.ek_public()))
            parts_.leases.claim(crypto::to_hex(*name), gateway_,
                                parts_.clock.utc() + parts_.round * rounds_of_a_lease);
    }
}

Result<> Attester::publish(const attestation::Verdict& host,
                           const std::map<std::string, attestation::Verdict>& partitions,
                           const attestation::KnownHost& known) {
    const auto now = parts_.clock.utc();
    const auto time = rfc3339(now);
    const auto before = parts_.roster.find(gateway_);
    if (!before) return fail(Code::not_found, "the gateway was removed", gateway_);
    api::FromConsole message;
    auto& results = *message.mutable_results();
    *results.add_items() = view_of(gateway_, {}, host, time);
    for (const auto& [name, verdict] : partitions)
        *results.add_items() = view_of(gateway_, name, verdict, time);
    const auto stored = parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.store.set_attested(gateway_, to_json(known), results.SerializeAsString()));
        for (const auto& view : results.items())
            BULKHEAD_TRY(
                parts_.store.add_history({gateway_, view.partition(), tenant_of(*before, view.partition()),
                                          "attestation", time, view.attestation(), view.text()}));
        return {};
    });
    BULKHEAD_TRY(stored);
    parts_.roster.change(gateway_, [&](GatewayState& state) {
        state.attested.clear();
        for (const auto& view : results.items()) state.attested[view.partition()] = {view, now};
    });
    parts_.roster.count_round();
    for (const auto& view : results.items()) {
        const auto old = before->attested.find(view.partition());
        if (view.partition().empty() || old == before->attested.end() ||
            old->second.view.attestation() != view.attestation() || old->second.view.text() != view.text())
            parts_.watchers.tell({gateway_, view.partition(), "attestation"},
                                 view.partition().empty()
                                     ? tenants_of(*before)
                                     : std::set<std::string>{tenant_of(*before, view.partition())});
    }
    send_(std::move(message));
    return {};
}

void Attester::activate(const attestation::ActivationNeeded& needed) {
    const auto ak = attestation::name_of(needed.ak_public);
    const auto vek = attestation::name_of(needed.ek_public);
    if (!ak || !vek)
        return log::warning("a guest's keys can't be named",
                            {{"gateway", gateway_}, {"partition", needed.partition}});
    Activation activation{
        .ak_name = crypto::to_hex(*ak), .vek_name = crypto::to_hex(*vek), .asked = parts_.clock.monotonic()};
    // A second question would make the answer to the first one void; with rounds closer together than a guest
    // is fast, none would ever count.
    if (const auto open = activations_.find(needed.uuid);
        open != activations_.end() && open->second.ak_name == activation.ak_name &&
        open->second.vek_name == activation.vek_name &&
        activation.asked < open->second.asked + activation_life)
        return;
    auto credential = attestation::make_credential(needed.ek_public, needed.ak_public);
    if (!credential)
        return log::warning(
            "a guest's keys can't be activated",
            {{"gateway", gateway_}, {"partition", needed.partition}, {"error", credential.error().text()}});
    activation.secret = std::move(credential->secret);
    if (activations_.size() >= most_activations) activations_.clear();
    activations_[needed.uuid] = std::move(activation);
    api::FromConsole message;
    auto& ask = *message.mutable_activate_guest();
    ask.set_partition(needed.partition);
    ask.set_uuid(needed.uuid);
    ask.set_credential(credential->id_object);
    ask.set_secret(credential->encrypted_secret);
    send_(std::move(message));
}

void Attester::activated(const api::GuestActivated& answer) {
    const auto found = activations_.find(answer.uuid());
    if (found == activations_.end()) return;
    const auto activation = std::move(found->second);
    activations_.erase(found);
    if (!answer.error().empty() || !crypto::equal_in_constant_time(activation.secret, answer.activated())) {
        log::warning("a guest's vTPM did not open its challenge",
                     {{"gateway", gateway_},
                      {"partition", printable(answer.partition(), 64)},
                      {"error", printable(answer.error(), 256)}});
        return;
    }
    const auto row = known_row();
    if (!row) return;
    auto known = known_host(*row);
    if (!known) return;
    auto& guest = known->guests[answer.uuid()];
    // A vTPM that was made anew begins anew.
    if (guest.vek_name != activation.vek_name) guest = {.generation = guest.generation};
    guest.ak_name = activation.ak_name;
    guest.vek_name = activation.vek_name;
    if (const auto stored = parts_.store.set_attested(gateway_, to_json(*known), row->results); !stored)
        log::error("can't store an activation", {{"gateway", gateway_}, {"error", stored.error().text()}});
    ask_soon();
}

}  // namespace bulkhead::console
