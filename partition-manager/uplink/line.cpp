#include "partition-manager/uplink/line.hpp"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "attestation/verifier.hpp"
#include "base/log.hpp"
#include "bulkhead/v1alpha1/fleet.grpc.pb.h"
#include "partition-manager/uplink/enrolment.hpp"
#include "partition-manager/uplink/failure.hpp"
#include "partition-manager/uplink/report.hpp"

namespace bulkhead::uplink {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds welcome_patience{20};
constexpr milliseconds look_period{1000};
constexpr seconds report_period{60};

void warn(const char* what, const Result<>& done) {
    if (!done) log::warning(what, {{"error", done.error().text()}});
}

}  // namespace

Line::Line(const UplinkParts& parts, Membership membership, std::string key, std::function<void()> on_welcome)
    : parts_(parts),
      membership_(std::move(membership)),
      key_(std::move(key)),
      tell_welcome_(std::move(on_welcome)),
      context_(std::make_unique<grpc::ClientContext>()) {
}

Line::~Line() = default;

void Line::end() {
    post_->close();
    context_->TryCancel();
}

Ending Line::run(const std::stop_token& stop) {
    const auto channel = channel::open_pinned({.address = membership_.console,
                                               .pin = membership_.pin,
                                               .ca_pem = membership_.ca_pem,
                                               .key = key_,
                                               .certificate = membership_.certificate,
                                               .known_time = parse_rfc3339(membership_.known_time),
                                               .keepalive = true});
    const auto stub = v1alpha1::GatewayLink::NewStub(channel.channel);
    const auto stream = stub->Connect(context_.get());
    const std::stop_callback on_stop(stop, [&] { context_->TryCancel(); });
    std::jthread reading([&] {
        v1alpha1::FromConsole message;
        while (stream->Read(&message) && post_->receive(std::move(message))) message.Clear();
        post_->close();
    });
    relay_ = std::make_unique<Relay>(parts_.control(), post_);
    if (write(*stream, hello())) serve(*stream, stop);
    relay_.reset();
    post_->close();
    context_->TryCancel();
    reading.join();
    const auto status = stream->Finish();
    Ending ending{welcomed_, !channel.handshake->ca_pem().empty(), {}};
    ending.error = first_error_of(status, membership_.console);
    if (const auto problem = channel.handshake->problem()) ending.error = *problem;
    return ending;
}

bool Line::write(Stream& stream, const v1alpha1::FromGateway& message) {
    return stream.Write(message);
}

v1alpha1::FromGateway Line::hello() {
    v1alpha1::FromGateway message;
    auto& hello = *message.mutable_hello();
    hello.set_gateway(membership_.gateway);
    hello.set_version(BULKHEAD_VERSION);
    hello.set_generation(parts_.signed_generation());
    if (const auto first = parts_.spool.first()) hello.set_first_event(*first);
    if (const auto box = open_box_key(parts_.identity.folder(), parts_.attestor)) {
        hello.set_box_key(box->pair.public_key);
        hello.set_box_key_signature(box->signature);
    } else {
        log::warning("secrets can't be encrypted to this gateway", {{"error", box.error().text()}});
    }
    return message;
}

void Line::serve(Stream& stream, const std::stop_token& stop) {
    const auto begin = parts_.clock.monotonic();
    while (!stop.stop_requested() && !post_->closed()) {
        post_->wait(look_period);
        // What was received, and then it is the answers' turn: who does not read them gets no more.
        for (std::size_t i = 0; i < Post::most_received; ++i)
            if (auto message = post_->next_received()) handle(*message);
        take_desired();
        // Those that wait now: a call that always has one more holds up neither reports nor events.
        for (auto waiting = post_->to_send(); waiting > 0; --waiting) {
            const auto letter = post_->next_to_send();
            if (!letter) break;
            if (!write(stream, letter->message)) return;
            if (letter->taken) letter->taken();
        }
        if (welcomed_ && !send_what_is_due(stream)) return;
        if (!welcomed_ && parts_.clock.monotonic() - begin > welcome_patience) return;
    }
}

void Line::handle(const v1alpha1::FromConsole& message) {
    if (message.has_welcome() && !welcomed_) return on_welcome(message.welcome());
    if (!welcomed_) return;
    if (message.has_events_ack())
        warn("can't forget what the console has", parts_.spool.acknowledge(message.events_ack().id()));
    else if (message.has_challenge())
        on_challenge(message.challenge());
    else if (message.has_activate_guest())
        on_activation(message.activate_guest());
    else if (message.has_results() && parts_.rounds != nullptr)
        parts_.rounds->results(message.results());
    else if (message.has_desired())
        next_desired_ = message.desired();
    else if (message.has_call())
        relay_->on(message.call());
    else if (message.has_grant())
        on_grant(message.grant());
}

void Line::on_welcome(const v1alpha1::ConsoleWelcome& welcome) {
    welcomed_ = true;
    beat_interval_ = std::clamp<milliseconds>(seconds(welcome.beat_interval_s()), seconds(1), seconds(300));
    warn("can't remember the console's time", parts_.identity.note_time(welcome.console_time()));
    warn("can't read what waits for the console", parts_.spool.resume(welcome.events_have()));
    if (welcome.renew()) renew();
    tell_welcome_();
}

void Line::on_challenge(const attest::v1::Challenge& challenge) {
    if (parts_.rounds == nullptr) return;
    const auto public_key = crypto::public_key_of(key_);
    auto share = rounds_.take();
    if (!share && !std::exchange(told_of_haste_, true))
        log::warning("the console asks for evidence before it has what it asked for");
    if (!public_key || !share) return;
    parts_.rounds->collect(
        challenge, *public_key, [post = post_, share = std::move(share)](auto evidence) mutable {
            share.reset();
            if (!evidence) {
                log::warning("no evidence can be given", {{"error", evidence.error().text()}});
                return;
            }
            v1alpha1::FromGateway answer;
            *answer.mutable_evidence() = std::move(*evidence);
            post->send({std::move(answer)});
        });
}

void Line::on_activation(const v1alpha1::ActivateGuest& request) {
    auto share = activations_.take();
    if (parts_.rounds == nullptr || !share) return;
    parts_.rounds->activate_guest(request, [post = post_, share = std::move(share)](auto activated) mutable {
        share.reset();
        v1alpha1::FromGateway answer;
        *answer.mutable_guest_activated() = std::move(activated);
        post->send({std::move(answer)});
    });
}

// One after the other; of those that wait, the newest.
void Line::take_desired() {
    auto share = desired_.take();
    const auto desired = share ? std::exchange(next_desired_, std::nullopt) : std::nullopt;
    if (!desired) return;
    parts_.take_desired(desired->envelope(),
                        [post = post_, share = std::move(share),
                         generation = desired->generation()](const Errors& errors) mutable {
                            share.reset();
                            v1alpha1::FromGateway answer;
                            answer.mutable_desired_result()->set_generation(generation);
                            for (const auto& error : errors)
                                *answer.mutable_desired_result()->add_errors() = to_message(error);
                            post->send({std::move(answer)});
                        });
}

void Line::renew() {
    const auto send = [&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto facts,
                            crypto::read_certificate(membership_.certificate, "the gateway's certificate"));
        v1alpha1::FromGateway message;
        auto& renew = *message.mutable_renew();
        BULKHEAD_TRY_ASSIGN(*renew.mutable_csr(), crypto::make_csr(key_, membership_.gateway));
        if (parts_.attestor != nullptr) {
            BULKHEAD_TRY_ASSIGN(const auto quote, parts_.attestor->quote(attestation::renew_qualifying(
                                                      facts.serial, facts.public_key)));
            *renew.mutable_quote() = to_message(quote);
        }
        post_->send({std::move(message)});
        return {};
    };
    warn("can't ask for a new certificate", send());
}

// Taken for the next connection; this one goes on.
void Line::on_grant(const v1alpha1::EnrolGrant& grant) {
    const auto take = [&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto facts,
                            crypto::read_certificate(grant.certificate(), "the new certificate"));
        BULKHEAD_TRY_ASSIGN(const auto own, crypto::public_key_of(key_));
        if (facts.public_key != own)
            return fail(Code::refused, "the console's certificate is for another key", membership_.console);
        return parts_.identity.put_certificate(membership_.pin, grant.certificate(), grant.console_time());
    };
    warn("the new certificate is not taken", take());
}

bool Line::send_what_is_due(Stream& stream) {
    const auto now = parts_.clock.monotonic();
    if (!send_events(stream)) return false;
    if (now >= next_look_) {
        next_look_ = now + look_period;
        if (!send_report(stream)) return false;
    }
    if (now < next_beat_) return true;
    next_beat_ = now + beat_interval_;
    v1alpha1::FromGateway message;
    message.mutable_beat()->set_sequence(++beats_);
    return write(stream, message);
}

bool Line::send_events(Stream& stream) {
    auto batch = parts_.spool.next(membership_.gateway);
    if (!batch) {
        log::warning("can't read what waits for the console", {{"error", batch.error().text()}});
        return true;
    }
    auto& events = *batch;
    if (!events) return true;
    v1alpha1::FromGateway message;
    *message.mutable_events() = std::move(*events);
    return write(stream, message);
}

bool Line::send_report(Stream& stream) {
    v1alpha1::FromGateway message;
    *message.mutable_report() = parts_.report();
    const auto now = parts_.clock.monotonic();
    auto essence = essence_of(message.report());
    if (essence == essence_ && now < next_report_) return true;
    essence_ = std::move(essence);
    next_report_ = now + report_period;
    return write(stream, message);
}

}  // namespace bulkhead::uplink
