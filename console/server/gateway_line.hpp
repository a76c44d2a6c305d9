// The console's end of one gateway's line: what comes in is stored, judged or passed on. No gRPC here.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "console/server/attester.hpp"
#include "console/server/enrolment.hpp"
#include "console/server/lines.hpp"
#include "console/server/outlet.hpp"
#include "console/server/relayed_calls.hpp"

namespace bulkhead::console {

struct LineParts {
    Store& store;
    Roster& roster;
    Lines& lines;
    Watchers& watchers;
    Leases& leases;
    Enrolment& enrolment;
    const Clock& clock;
    std::chrono::seconds round{30};
    std::chrono::seconds certificate_lifetime{std::chrono::days{30}};
};

// By the certificate that the line was opened with.
struct PeerIdentity {
    std::string gateway;
    std::string serial;
    std::string tls_public_key;  // DER
    crypto::UtcSeconds not_after;
};
// Whether this certificate, whose signature TLS has checked, is the gateway's current one. The first use of a
// renewed one ends the old one.
Result<PeerIdentity> check_peer(Store& store, const std::string& certificate_pem);

class GatewayLine final : public Line, public std::enable_shared_from_this<GatewayLine> {
  public:
    struct Wire {
        std::function<void(api::FromConsole)> send;
        std::function<void(const Error&)> end;
    };
    GatewayLine(const LineParts& parts, PeerIdentity peer, Wire wire);

    // From now on it is the gateway's line.
    void begin();
    // One after the other.
    void received(const api::FromGateway& message);
    // Nothing more will come.
    void closed();

    void push_desired(std::uint64_t generation, const std::string& envelope) override;
    std::unique_ptr<RelayedCall> call(const Caller& caller, const std::string& method, std::string request,
                                      RelayEvents events) override;
    void tick() override;
    void end(const Error& why) override;

  private:
    Result<> handle(const api::FromGateway& message);
    Result<> hello(const api::GatewayHello& hello);
    Result<> report(const api::GatewayReport& report);
    Result<> events(const api::SpooledEvents& events);
    Result<> desired_result(const api::DesiredResult& result);
    Result<> renew(const api::RenewInline& request);
    Result<> note_box_key(const GatewayRow& row, const api::GatewayHello& hello);
    Result<> set_applied(const GatewayRow& row, std::uint64_t generation);
    Result<> note_reached();
    Result<> note_health(const GatewayState& before, const api::GatewayReport& now);
    void heard();
    void write_last_seen();

    const LineParts parts_;
    const PeerIdentity peer_;
    const Wire wire_;
    const std::shared_ptr<Outlet> outlet_;  // shared with calls, which people hold beyond the line's end
    Attester attester_;
    RelayedCalls calls_;
    std::atomic<bool> greeted_ = false;  // its hello was taken
    std::uint64_t last_event_ = 0;       // that is stored
    std::mutex mutex_;                   // of the three below
    std::uint64_t pushed_ = 0;           // the newest generation that was sent on this line
    MonotonicTime heard_;
    std::optional<MonotonicTime> seen_written_;
};

}  // namespace bulkhead::console
