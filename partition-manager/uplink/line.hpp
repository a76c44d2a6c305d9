// One connection to the console, from Hello to its end. Runs on the uplink's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "channel/pinned_channel.hpp"
#include "partition-manager/uplink/allowance.hpp"
#include "partition-manager/uplink/attestor.hpp"
#include "partition-manager/uplink/box_key.hpp"
#include "partition-manager/uplink/identity.hpp"
#include "partition-manager/uplink/relay.hpp"
#include "partition-manager/uplink/spool.hpp"

namespace bulkhead::uplink {

// What the uplink is made of. All of it outlives the uplink.
struct UplinkParts {
    Identity& identity;
    Spool& spool;
    const Clock& clock;
    Attestor* attestor;  // null: there is no TPM
    Rounds* rounds;      // null: nothing is attested
    std::function<v1alpha1::GatewayReport()> report;
    std::function<std::uint64_t()> signed_generation;
    // Verifies and applies on the worker; answers on any thread. Must not block.
    std::function<void(std::string envelope, std::function<void(Errors)> done)> take_desired;
    std::function<std::shared_ptr<grpc::Channel>()> control;  // inside the process
};

// How a connection ended.
struct Ending {
    bool welcomed = false;
    bool server_was_verified = false;
    Error error;
};

class Line {
  public:
    Line(const UplinkParts& parts, Membership membership, std::string key, std::function<void()> on_welcome);
    ~Line();
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    // Once.
    Ending run(const std::stop_token& stop);
    // From any thread: there may be something to send.
    void poke() { post_->poke(); }
    // From any thread: it ends soon, even if the console takes nothing any more.
    void end();

  private:
    using Stream = grpc::ClientReaderWriter<v1alpha1::FromGateway, v1alpha1::FromConsole>;

    bool write(Stream& stream, const v1alpha1::FromGateway& message);
    v1alpha1::FromGateway hello();
    void serve(Stream& stream, const std::stop_token& stop);
    void handle(const v1alpha1::FromConsole& message);
    void on_welcome(const v1alpha1::ConsoleWelcome& welcome);
    void on_challenge(const attest::v1::Challenge& challenge);
    void on_activation(const v1alpha1::ActivateGuest& request);
    void take_desired();
    void on_grant(const v1alpha1::EnrolGrant& grant);
    void renew();
    bool send_what_is_due(Stream& stream);
    bool send_events(Stream& stream);
    bool send_report(Stream& stream);

    const UplinkParts& parts_;
    const Membership membership_;
    const std::string key_;
    const std::function<void()> tell_welcome_;
    std::shared_ptr<Post> post_ = std::make_shared<Post>();  // shared with answers that come later
    const std::unique_ptr<grpc::ClientContext> context_;
    std::unique_ptr<Relay> relay_;
    const Allowance rounds_{2};  // one that waits for a guest, and one that came after it was given up
    const Allowance activations_{64};
    const Allowance desired_{1};
    std::optional<v1alpha1::Desired> next_desired_;  // the newest that waits for its turn
    bool welcomed_ = false;
    bool told_of_haste_ = false;
    std::chrono::milliseconds beat_interval_{10'000};
    MonotonicTime next_beat_;
    MonotonicTime next_look_;
    MonotonicTime next_report_;
    std::uint64_t beats_ = 0;
    std::string essence_;
};

}  // namespace bulkhead::uplink
