// Answers the host's questions with the partition's TPM. A quote takes about 10 ms, the first one a few times
// that: on the loop, between two heartbeats.
#pragma once

#include <filesystem>
#include <memory>

#include "attestation/guest/guest_tpm.hpp"
#include "base/error.hpp"
#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::agent {

class Prover {
  public:
    explicit Prover(std::filesystem::path device) : device_(std::move(device)) {}

    // A TPM that is not there, or refuses, is an answer too.
    v1::QuoteReply quote(const v1::QuoteRequest& request);
    v1::ActivateReply activate(const v1::ActivateRequest& request);

  private:
    Result<attestation::GuestTpm*> tpm();

    std::filesystem::path device_;
    std::unique_ptr<attestation::GuestTpm> tpm_;  // opened by the first question; its keys stay loaded
};

}  // namespace bulkhead::agent
