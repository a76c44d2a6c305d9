#include "partition-manager/uplink/enrolment.hpp"

#include <grpcpp/client_context.h>

#include "attestation/credential.hpp"
#include "attestation/verifier.hpp"
#include "bulkhead/v1alpha1/fleet.grpc.pb.h"
#include "channel/pinned_channel.hpp"
#include "partition-manager/uplink/failure.hpp"

namespace bulkhead::uplink {
namespace {

constexpr std::chrono::seconds patience{30};

// One call; a refused handshake says more than gRPC's "unavailable".
template <class Request, class Reply>
Result<Reply> ask(v1alpha1::Enrolment::Stub& stub, const channel::Channel& channel,
                  grpc::Status (v1alpha1::Enrolment::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                    Reply*),
                  const Request& request, const std::string& where) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + patience);
    Reply reply;
    const auto status = (stub.*method)(&context, request, &reply);
    if (status.ok()) return reply;
    if (const auto problem = channel.handshake->problem(); problem) return std::unexpected(*problem);
    return std::unexpected(first_error_of(status, where));
}

Result<Grant> grant_of(const v1alpha1::EnrolGrant& message, const std::string& key,
                       const std::string& where) {
    BULKHEAD_TRY_ASSIGN(const auto facts, crypto::read_certificate(message.certificate(), where));
    BULKHEAD_TRY_ASSIGN(const auto own, crypto::public_key_of(key));
    if (facts.public_key != own)
        return fail(Code::refused, "the console's certificate is for another key", where);
    return Grant{message.certificate(), message.console_time(), message.not_after()};
}

}  // namespace

attest::v1::Quote to_message(const attestation::Quote& quote) {
    attest::v1::Quote message;
    message.set_attest(quote.attest);
    message.set_signature(quote.signature);
    for (const auto& [index, value] : quote.pcrs) {
        auto& pcr = *message.add_pcrs();
        pcr.set_index(index);
        pcr.set_value(value);
    }
    return message;
}

Result<Joined> join_console(const crypto::JoinString& join, const std::string& gateway,
                            const std::string& key, Attestor& attestor) {
    const std::string where = "console " + join.address();
    const auto channel = channel::open_pinned({.address = join.address(), .pin = join.pin});
    const auto stub = v1alpha1::Enrolment::NewStub(channel.channel);
    BULKHEAD_TRY_ASSIGN(const auto public_key, crypto::public_key_of(key));

    v1alpha1::EnrolRequest request;
    request.set_token(join.token);
    request.set_gateway(gateway);
    request.set_ek_public(attestor.ek_public());
    request.set_ak_public(attestor.ak_public());
    request.set_trust_anchor(attestor.trust_anchor());
    BULKHEAD_TRY_ASSIGN(*request.mutable_ek_certificate(), attestor.ek_certificate());
    BULKHEAD_TRY_ASSIGN(*request.mutable_csr(), crypto::make_csr(key, gateway));
    BULKHEAD_TRY_ASSIGN(const auto challenge,
                        ask(*stub, channel, &v1alpha1::Enrolment::Stub::Begin, request, where));

    BULKHEAD_TRY_ASSIGN(const auto secret, attestor.activate(challenge.credential(), challenge.secret()));
    v1alpha1::EnrolProof proof;
    proof.set_session(challenge.session());
    proof.set_activated(attestation::enrolment_mac(secret, challenge.session(), challenge.nonce(),
                                                   request.ek_public(), request.ak_public(), public_key));
    BULKHEAD_TRY_ASSIGN(const auto quote,
                        attestor.quote(attestation::enrol_qualifying(challenge.nonce(), public_key)));
    *proof.mutable_quote() = to_message(quote);
    BULKHEAD_TRY_ASSIGN(const auto reply,
                        ask(*stub, channel, &v1alpha1::Enrolment::Stub::Complete, proof, where));
    BULKHEAD_TRY_ASSIGN(const auto grant, grant_of(reply, key, where));
    return Joined{{gateway, join.address(), join.pin, channel.handshake->ca_pem(), grant.certificate,
                   attestor.trust_anchor(), grant.console_time},
                  grant.not_after};
}

Result<Grant> renew_by_tpm(const Membership& membership, const std::string& key, Attestor& attestor) {
    const std::string where = "console " + membership.console;
    const auto channel = channel::open_pinned(
        {.address = membership.console, .pin = membership.pin, .ca_pem = membership.ca_pem});
    const auto stub = v1alpha1::Enrolment::NewStub(channel.channel);
    BULKHEAD_TRY_ASSIGN(const auto public_key, crypto::public_key_of(key));
    v1alpha1::RenewalRequest request;
    request.set_gateway(membership.gateway);
    BULKHEAD_TRY_ASSIGN(*request.mutable_csr(), crypto::make_csr(key, membership.gateway));
    BULKHEAD_TRY_ASSIGN(const auto challenge,
                        ask(*stub, channel, &v1alpha1::Enrolment::Stub::BeginRenewal, request, where));
    v1alpha1::RenewalProof proof;
    proof.set_session(challenge.session());
    BULKHEAD_TRY_ASSIGN(const auto quote,
                        attestor.quote(attestation::renew_qualifying(challenge.nonce(), public_key)));
    *proof.mutable_quote() = to_message(quote);
    BULKHEAD_TRY_ASSIGN(const auto reply,
                        ask(*stub, channel, &v1alpha1::Enrolment::Stub::CompleteRenewal, proof, where));
    return grant_of(reply, key, where);
}

}  // namespace bulkhead::uplink
