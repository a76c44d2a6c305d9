// One round of attestation: guests quote first, then the host over their answers and what runs by its log, up
// to three times while the log grows. A log that is sent may be longer than what was quoted, never shorter.
// The guests' half runs on the loop's thread, the host's on a thread that may wait for a TPM.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.hpp"
#include "bulkhead/agent/v1/agent.pb.h"
#include "bulkhead/attest/v1/attest.pb.h"
#include "bulkhead/v1alpha1/fleet.pb.h"
#include "partition-manager/trust/measurement_log.hpp"
#include "partition-manager/trust/measurer.hpp"

namespace bulkhead::trust {

// What a guest answered; its bytes are bounded, and otherwise its own word.
struct GuestQuote {
    std::string error;  // empty: the rest is there
    std::string attest;
    std::string signature;
    std::vector<std::string> pcrs;  // in the order of the request
    std::string ak_public;
    std::string ek_public;
};
struct GuestActivation {
    std::string error;
    std::string activated;
};

// By uid: sorted, as the tree wants them.
using Leaves = std::map<std::string, attest::v1::GuestEvidence>;

class Attester {
  public:
    // On the loop. The callback comes on the loop too: at most once, and perhaps never. An error: there is
    // nobody to ask.
    using AskQuote = std::function<Result<>(const model::PartitionName&, const agent::v1::QuoteRequest&,
                                            std::function<void(GuestQuote)>)>;
    using AskActivation =
        std::function<Result<>(const model::PartitionName&, const agent::v1::ActivateRequest&,
                               std::function<void(GuestActivation)>)>;
    // By the host's TPM, on the background's thread.
    using QuoteHost = std::function<Result<attestation::Quote>(std::string_view qualifying,
                                                               const std::vector<unsigned>& pcrs)>;
    using EvidenceSink = std::function<void(Result<attest::v1::Evidence>)>;
    using ActivationSink = std::function<void(v1alpha1::GuestActivated)>;

    struct Parts {
        Loop& loop;
        std::string ak_name;  // of the host's attestation key
        QuoteHost quote_host;
        const MeasurementLog& log;
        const Measurer& measurer;
        AskQuote ask_quote;
        AskActivation ask_activation;
        std::function<void(std::function<void()>)> in_background;  // where a TPM may be waited for
        std::filesystem::path firmware_log;                        // of a hardware host; empty: none
        std::chrono::milliseconds patience{10'000};  // with a guest; a silent one becomes an absent leaf
    };
    explicit Attester(Parts parts) : parts_(std::move(parts)) {}

    // From any thread; `done` is called on the background's, once. `gateway` is the name that it is enrolled
    // under, `tls_public_key` the DER of the key that the evidence travels under.
    void collect(const attest::v1::Challenge& challenge, const std::string& gateway,
                 const std::string& tls_public_key, EvidenceSink done);
    // From any thread; `done` is called on the loop, once.
    void activate_guest(const v1alpha1::ActivateGuest& request, ActivationSink done);

  private:
    struct Round;
    struct Activation;
    void ask_guests(const std::shared_ptr<Round>& round);
    void take(const std::shared_ptr<Round>& round, const std::string& uid, GuestQuote quote);
    void finish(const std::shared_ptr<Round>& round);
    Result<attest::v1::Evidence> quote_host(const Round& round);
    Result<attest::v1::Evidence> quote_host_over(const Leaves& leaves, const Round& round);
    void ask_guest(const v1alpha1::ActivateGuest& request, ActivationSink done);

    Parts parts_;
};

}  // namespace bulkhead::trust
