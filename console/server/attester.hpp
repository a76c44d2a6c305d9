// The attestation rounds of one gateway's line: asks, judges, remembers, tells.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "attestation/verifier.hpp"
#include "base/clock.hpp"
#include "bulkhead/v1alpha1/fleet.pb.h"
#include "console/server/leases.hpp"
#include "console/server/roster.hpp"
#include "console/server/watchers.hpp"
#include "console/store/store.hpp"

namespace bulkhead::console {

struct AttesterParts {
    Store& store;
    Roster& roster;
    Watchers& watchers;
    Leases& leases;
    const Clock& clock;
    std::chrono::seconds round;
};

class Attester {
  public:
    using Send = std::function<void(api::FromConsole)>;
    Attester(AttesterParts parts, std::string gateway, std::string tls_public_key, Send send)
        : parts_(parts),
          gateway_(std::move(gateway)),
          tls_public_key_(std::move(tls_public_key)),
          send_(std::move(send)) {}

    // Begins a round, if one is due. Any thread.
    void tick();
    // Something started: the next tick asks. Any thread.
    void ask_soon();
    // On the line's own thread:
    void evidence(const bulkhead::attest::v1::Evidence& evidence);
    void activated(const api::GuestActivated& answer);

  private:
    // A desired state, of an envelope that IT signed.
    struct Opened {
        model::Spec spec;
        attestation::References references;
    };
    using Envelopes = std::vector<std::string>;
    struct Round {
        MonotonicTime begun;
        bulkhead::attest::v1::Challenge challenge;
        Envelopes envelopes;  // where the gateway may have been when it began
    };
    struct Activation {
        std::string secret;
        std::string ak_name;  // hexadecimal
        std::string vek_name;
        MonotonicTime asked;
    };
    Result<> judge(const bulkhead::attest::v1::Evidence& evidence, const Round& round);
    Round next_round(MonotonicTime now);
    std::optional<GatewayRow> known_row() const;
    std::optional<Round> take_round(std::uint64_t number);
    Result<Opened> open(const std::string& envelope) const;
    Result<std::vector<attestation::SignedState>> states(const Envelopes& envelopes);
    Result<attestation::KnownHost> known_host(const GatewayRow& row) const;
    void activate(const attestation::ActivationNeeded& needed);
    Result<> publish(const attestation::Verdict& host,
                     const std::map<std::string, attestation::Verdict>& partitions,
                     const attestation::KnownHost& known);
    void claim_leases(const attestation::Judgement& judgement,
                      const bulkhead::attest::v1::Evidence& evidence);

    const AttesterParts parts_;
    const std::string gateway_;
    const std::string tls_public_key_;
    const Send send_;
    std::mutex mutex_;  // of the four below
    std::optional<Round> round_;
    std::optional<MonotonicTime> begun_;
    bool soon_ = true;
    std::uint64_t last_round_ = 0;
    std::map<std::string, Opened> opened_;           // by envelope: those of the last round
    std::map<std::string, Activation> activations_;  // by uuid
};

}  // namespace bulkhead::console
