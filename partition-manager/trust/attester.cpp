#include "partition-manager/trust/attester.hpp"

#include <algorithm>

#include "attestation/log_check.hpp"
#include "attestation/verifier.hpp"
#include "base/file.hpp"

namespace bulkhead::trust {
namespace {

constexpr int most_pcrs = 24;
constexpr int most_tries = 3;  // to quote while nothing starts or stops
constexpr std::size_t firmware_log_limit = std::size_t{1024} * 1024;

Result<> check(const attest::v1::Challenge& challenge) {
    if (challenge.nonce().size() != attestation::nonce_bytes)
        return fail(Code::invalid, "a challenge of " + std::to_string(challenge.nonce().size()) + " bytes",
                    {}, "32 bytes");
    for (const auto* pcrs : {&challenge.host_pcrs(), &challenge.guest_pcrs()})
        if (pcrs->size() > most_pcrs || std::ranges::any_of(*pcrs, [](auto pcr) { return pcr >= most_pcrs; }))
            return fail(Code::invalid, "a challenge for PCRs that there are not");
    return {};
}

template <class Pcrs>
std::vector<unsigned> numbers(const Pcrs& pcrs) {
    return {pcrs.begin(), pcrs.end()};
}

// A leaf for each that runs by this log, and for nobody else: what started after the guests were asked can't
// have answered, and what has stopped since has nothing to say any more. What is wrong with a log that can't
// be read is the verifier's to say.
Leaves leaves_of(Leaves guests, const std::string& log) {
    const auto records = attestation::parse_log(log);
    if (!records) return guests;
    const auto running = attestation::running_after(*records);
    std::erase_if(guests, [&](const auto& guest) { return !running.contains(guest.first); });
    for (const auto& [uid, start] : running) {
        if (guests.contains(uid)) continue;
        auto& guest = guests[uid];
        guest.set_uuid(uid);
        guest.set_partition(attestation::fact(start, "partition"));
        guest.set_absent("it was not running when the others were asked");
    }
    return guests;
}

}  // namespace

// Lives on the loop until all guests have answered or the time is up; then on the background's thread.
struct Attester::Round {
    attest::v1::Challenge challenge;
    std::string gateway;
    std::string tls_public_key;
    EvidenceSink done;
    Leaves guests;
    std::set<std::string> waiting;
    Loop::TimerId timer = 0;
    bool closed = false;
};

void Attester::collect(const attest::v1::Challenge& challenge, const std::string& gateway,
                       const std::string& tls_public_key, EvidenceSink done) {
    if (auto good = check(challenge); !good) {
        parts_.in_background([done, error = good.error()] { done(std::unexpected(error)); });
        return;
    }
    auto round = std::make_shared<Round>();  // shared by the guests' answers, which may come late
    round->challenge = challenge;
    round->gateway = gateway;
    round->tls_public_key = tls_public_key;
    round->done = std::move(done);
    parts_.loop.post([this, round] { ask_guests(round); });
}

void Attester::ask_guests(const std::shared_ptr<Round>& round) {
    const auto& challenge = round->challenge;
    const auto runs = parts_.measurer.runs();
    for (const auto& [uid, run] : runs) {
        auto& guest = round->guests[uid];
        guest.set_uuid(uid);
        guest.set_partition(run.partition.str());
        guest.set_start_number(run.start_number);
        *guest.mutable_endorsement() = run.endorsement;
        guest.set_absent("its agent did not answer in time");
        round->waiting.insert(uid);
    }
    round->timer = parts_.loop.after(parts_.patience, [this, round] { finish(round); });
    for (const auto& [uid, run] : runs) {
        agent::v1::QuoteRequest request;
        request.set_round(challenge.round());
        request.set_qualifying(
            attestation::guest_qualifying(challenge.nonce(), uid, parts_.ak_name, run.start_number));
        *request.mutable_pcrs() = challenge.guest_pcrs();
        const auto asked = parts_.ask_quote(run.partition, request, [this, round, uid](GuestQuote quote) {
            take(round, uid, std::move(quote));
        });
        if (!asked) take(round, uid, {.error = asked.error().what});
    }
    if (round->waiting.empty()) finish(round);
}

void Attester::take(const std::shared_ptr<Round>& round, const std::string& uid, GuestQuote quote) {
    if (round->closed || round->waiting.erase(uid) == 0) return;
    auto& guest = round->guests[uid];
    if (quote.error.empty() &&
        quote.pcrs.size() != static_cast<std::size_t>(round->challenge.guest_pcrs_size()))
        quote.error = "its agent answered with other PCRs than were asked for";
    guest.set_absent(quote.error);
    if (quote.error.empty()) {
        guest.mutable_quote()->set_attest(quote.attest);
        guest.mutable_quote()->set_signature(quote.signature);
        for (std::size_t i = 0; i < quote.pcrs.size(); ++i) {
            auto& pcr = *guest.mutable_quote()->add_pcrs();
            pcr.set_index(round->challenge.guest_pcrs(static_cast<int>(i)));
            pcr.set_value(quote.pcrs[i]);
        }
        guest.set_ak_public(quote.ak_public);
        guest.set_ek_public(quote.ek_public);
    }
    if (round->waiting.empty()) finish(round);
}

void Attester::finish(const std::shared_ptr<Round>& round) {
    if (round->closed) return;
    round->closed = true;
    parts_.loop.cancel(round->timer);
    parts_.in_background([this, round] { round->done(quote_host(*round)); });
}

// The host quotes its log as it is at that moment, and the leaves must be those of who runs by it. The log
// goes with the TPM step by step, so that one which is the same before and after is the one that was quoted.
Result<attest::v1::Evidence> Attester::quote_host(const Round& round) {
    for (int attempt = 1;; ++attempt) {
        const auto log = parts_.log.bytes();
        BULKHEAD_TRY_ASSIGN(auto evidence, quote_host_over(leaves_of(round.guests, log), round));
        evidence.set_log(parts_.log.bytes());
        if (evidence.log() == log || attempt == most_tries) return evidence;
    }
}

Result<attest::v1::Evidence> Attester::quote_host_over(const Leaves& leaves, const Round& round) {
    attest::v1::Evidence evidence;
    evidence.set_round(round.challenge.round());
    evidence.set_boot_id(parts_.log.boot_id());
    for (const auto& [uid, leaf] : leaves) *evidence.add_guests() = leaf;
    const auto root = attestation::merkle_root(evidence);
    const auto qualifying = attestation::host_qualifying(round.challenge.nonce(), round.gateway,
                                                         evidence.boot_id(), root, round.tls_public_key);
    BULKHEAD_TRY_ASSIGN(const auto quote,
                        parts_.quote_host(qualifying, numbers(round.challenge.host_pcrs())));
    evidence.mutable_host()->set_attest(quote.attest);
    evidence.mutable_host()->set_signature(quote.signature);
    for (const auto& [index, value] : quote.pcrs) {
        auto& pcr = *evidence.mutable_host()->add_pcrs();
        pcr.set_index(index);
        pcr.set_value(value);
    }
    evidence.set_nonce(round.challenge.nonce());
    evidence.set_root(root);
    // One that is too long or can't be read is left out, and the verifier asks for it where it needs it.
    if (!parts_.firmware_log.empty())
        if (const auto log = read_file(parts_.firmware_log, firmware_log_limit))
            evidence.set_firmware_log(*log);
    return evidence;
}

struct Attester::Activation {
    v1alpha1::GuestActivated reply;
    ActivationSink done;
    Loop::TimerId timer = 0;
    bool closed = false;

    void finish(Loop& loop) {
        if (closed) return;
        closed = true;
        loop.cancel(timer);
        done(reply);
    }
};

void Attester::activate_guest(const v1alpha1::ActivateGuest& request, ActivationSink done) {
    parts_.loop.post(
        [this, request, done = std::move(done)]() mutable { ask_guest(request, std::move(done)); });
}

void Attester::ask_guest(const v1alpha1::ActivateGuest& request, ActivationSink done) {
    auto activation = std::make_shared<Activation>();  // shared with an answer that may come late
    activation->done = std::move(done);
    activation->reply.set_partition(request.partition());
    activation->reply.set_uuid(request.uuid());
    activation->reply.set_error("its agent did not answer in time");
    const auto runs = parts_.measurer.runs();
    const auto run = runs.find(request.uuid());
    if (run == runs.end() || run->second.partition.str() != request.partition()) {
        activation->reply.set_error("no such partition runs");
        return activation->finish(parts_.loop);
    }
    activation->timer =
        parts_.loop.after(parts_.patience, [this, activation] { activation->finish(parts_.loop); });
    agent::v1::ActivateRequest question;
    question.set_round(0);
    question.set_credential(request.credential());
    question.set_secret(request.secret());
    const auto asked = parts_.ask_activation(run->second.partition, question,
                                             [this, activation](const GuestActivation& answer) {
                                                 if (activation->closed) return;
                                                 activation->reply.set_error(answer.error);
                                                 activation->reply.set_activated(answer.activated);
                                                 activation->finish(parts_.loop);
                                             });
    if (asked) return;
    activation->reply.set_error(asked.error().what);
    activation->finish(parts_.loop);
}

}  // namespace bulkhead::trust
