// The gateway's membership in a fleet: who it is there, what IT signed, what the console said, and the line
// to it. Wires uplink/ to the engine; all but load() from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bulkhead/v1alpha1/control.pb.h"
#include "model/layout.hpp"
#include "partition-manager/apply/ownership.hpp"
#include "partition-manager/daemon/requests.hpp"
#include "partition-manager/daemon/secrets.hpp"
#include "partition-manager/daemon/worker.hpp"
#include "partition-manager/trust/attester.hpp"
#include "partition-manager/trust/results.hpp"
#include "partition-manager/uplink/uplink.hpp"

namespace bulkhead::daemon {

struct CentreParts {
    storage::Database& database;
    const Clock& clock;
    Board& board;
    apply::Ownership& ownership;
    uplink::Identity& identity;
    uplink::Attestor* attestor;                  // null: no TPM
    std::function<trust::Attester*()> attester;  // null: nothing is attested here
    trust::Results& results;
    Secrets& secrets;
    std::function<Worker&()> worker;
    std::function<Requests&()> requests;
    std::function<v1alpha1::GatewayReport()> report;
    std::function<std::shared_ptr<grpc::Channel>()> control;
    std::function<void()> results_changed;
};

class Centre final : private uplink::Rounds {
  public:
    explicit Centre(CentreParts parts);

    void start() { uplink_.start(); }
    void stop() { uplink_.stop(); }
    void poke() { uplink_.poke(); }

    std::expected<v1alpha1::EnrolResult, Errors> enrol(const v1alpha1::EnrolCommand& command);
    void complete(v1alpha1::Status& status) const;
    v1alpha1::GatewayList gateways(const v1alpha1::Status& status,
                                   const v1alpha1::ListRequest& request) const;

  private:
    void collect(const attest::v1::Challenge& challenge, const std::string& tls_public_key,
                 std::function<void(Result<attest::v1::Evidence>)> done) override;
    void activate_guest(const v1alpha1::ActivateGuest& request,
                        std::function<void(v1alpha1::GuestActivated)> done) override;
    void results(const v1alpha1::AttestationResults& results) override;
    uplink::UplinkParts uplink_parts();
    void take_desired(const std::string& envelope, const std::function<void(Errors)>& done);

    const CentreParts parts_;
    mutable uplink::Spool spool_{parts_.database};
    uplink::Uplink uplink_;
};

}  // namespace bulkhead::daemon
