#include "guest-agent/prover.hpp"

#include <vector>

namespace bulkhead::agent {
namespace {

constexpr int most_pcrs = 24;

Result<> fill(v1::QuoteReply& reply, attestation::GuestTpm& tpm, const v1::QuoteRequest& request) {
    if (request.pcrs_size() > most_pcrs) return fail(Code::invalid, "too many PCRs are asked for");
    const std::vector<unsigned> pcrs(request.pcrs().begin(), request.pcrs().end());
    BULKHEAD_TRY_ASSIGN(const auto quote, tpm.quote(request.qualifying(), pcrs));
    reply.set_attest(quote.attest);
    reply.set_signature(quote.signature);
    for (const unsigned pcr : pcrs) {
        const auto value = quote.pcrs.find(pcr);
        if (value == quote.pcrs.end())
            return fail(Code::invalid, "PCR " + std::to_string(pcr) + " is not there");
        reply.add_pcrs(value->second);
    }
    reply.set_ak_public(tpm.ak_public());
    reply.set_ek_public(tpm.ek_public());
    return {};
}

}  // namespace

Result<attestation::GuestTpm*> Prover::tpm() {
    if (!tpm_) {
        BULKHEAD_TRY_ASSIGN(tpm_, attestation::GuestTpm::open(device_));
    }
    return tpm_.get();
}

v1::QuoteReply Prover::quote(const v1::QuoteRequest& request) {
    v1::QuoteReply reply;
    const auto done = [&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(auto* const opened, tpm());
        return fill(reply, *opened, request);
    }();
    if (!done) {
        reply.Clear();
        reply.set_error(done.error().text());
        tpm_.reset();
    }
    reply.set_round(request.round());
    return reply;
}

v1::ActivateReply Prover::activate(const v1::ActivateRequest& request) {
    v1::ActivateReply reply;
    const auto activated = [&]() -> Result<std::string> {
        BULKHEAD_TRY_ASSIGN(auto* const opened, tpm());
        return opened->activate(request.credential(), request.secret());
    }();
    if (activated) {
        reply.set_activated(*activated);
    } else {
        reply.set_error(activated.error().text());
        tpm_.reset();
    }
    reply.set_round(request.round());
    return reply;
}

}  // namespace bulkhead::agent
