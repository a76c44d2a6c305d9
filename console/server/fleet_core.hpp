// The fleet over store, roster and lines.
#pragma once

#include <semaphore>
#include <string>

#include "console/server/attempts.hpp"
#include "console/server/authority.hpp"
#include "console/server/fleet.hpp"
#include "console/server/fleet_views.hpp"
#include "console/server/lines.hpp"
#include "console/server/roster.hpp"
#include "console/server/watchers.hpp"
#include "console/store/store.hpp"

namespace bulkhead::console {

struct FleetParts {
    Store& store;
    Roster& roster;
    Lines& lines;
    Watchers& watchers;
    Authority& authority;
    const Clock& clock;
};

struct FleetOptions {
    std::string address{};  // HOST:PORT that gateways dial; stands in join strings
    std::chrono::seconds round{30};
    std::chrono::seconds session_lifetime{std::chrono::hours{12}};
};

inline constexpr std::ptrdiff_t most_hashing = 8;  // passwords at once
using HashingPlaces = std::counting_semaphore<most_hashing>;

class FleetCore final : public Fleet {
  public:
    FleetCore(FleetParts parts, FleetOptions options)
        : parts_(parts), options_(std::move(options)), attempts_(parts.clock), changes_(parts.clock) {}

    // Known for sure only when the port is bound.
    void set_address(std::string address);

    Answer<api::GatewayList> gateways(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::PartitionList> partitions(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::DeviceList> devices(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::ZoneList> zones(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::ConduitList> conduits(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::RouterList> routers(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::DenialList> denials(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::EventList> events(const Viewer& viewer, const api::ListEventsRequest& request) override;
    // Of the whole fleet, if `gateway` is empty.
    Answer<api::Status> status(const Viewer& viewer, const std::string& gateway) override;
    Answer<api::AttestationView> attestation(const Viewer& viewer, const std::string& gateway,
                                             const std::string& partition) override;
    Answer<std::vector<HistoryPoint>> history(const Viewer& viewer, const std::string& gateway,
                                              const std::string& partition, std::size_t limit) override;
    Answer<std::vector<AuditRow>> audit(const Viewer& viewer, std::uint64_t before,
                                        std::size_t limit) override;

    std::expected<std::uint64_t, Errors> set_desired(const Viewer& viewer,
                                                     const std::string& envelope) override;
    Answer<std::unique_ptr<RelayedCall>> call(const Viewer& viewer, const std::string& gateway,
                                              const std::string& partition, const std::string& method,
                                              std::string request, RelayEvents events) override;

    Answer<JoinToken> create_token(const Viewer& viewer, std::chrono::seconds lifetime) override;
    // Only the TPM whose EK has this SHA-256 may use it; empty: any.
    Answer<JoinToken> create_token_for(const Viewer& viewer, std::chrono::seconds lifetime,
                                       const std::string& ek);
    Answer<void> remove_gateway(const Viewer& viewer, const std::string& gateway) override;
    // A PEM public key of IT's; its id.
    Answer<std::string> trust_key(const Viewer& viewer, const std::string& pem, const std::string& where);

    Answer<std::vector<User>> users(const Viewer& viewer) override;
    Answer<std::string> add_user(const Viewer& viewer, const User& user) override;
    Answer<std::string> reset_password(const Viewer& viewer, const std::string& user) override;
    Answer<void> remove_user(const Viewer& viewer, const std::string& user) override;
    Answer<void> change_password(const Viewer& viewer, const std::string& old_password,
                                 const std::string& new_password) override;
    Answer<SignedIn> sign_in(const std::string& user, const std::string& password,
                             const std::string& address) override;
    Answer<Viewer> viewer_of(const std::string& session) override;
    void sign_out(const std::string& session) override;

    std::shared_ptr<void> watch(const Viewer& viewer, Watch callback) override;
    Answer<Counts> counts() override;
    void each_switch(const EachSwitch& tell) override;

  private:
    Moment moment() const { return {parts_.clock.utc(), options_.round}; }
    Seconds now() const;
    // The gateway, if it exists for the viewer.
    Answer<Roster::State> visible(const Viewer& viewer, const std::string& gateway) const;
    Result<> write_audit(const Viewer& viewer, const std::string& action, const std::string& subject,
                         const std::string& detail = {}) const;
    Result<> check_last_admin(const std::string& leaving) const;

    std::string address() const;

    FleetParts parts_;
    FleetOptions options_;
    mutable std::mutex mutex_;  // of options_.address
    Attempts attempts_;         // to sign in
    Attempts changes_;          // to change one's own password
    HashingPlaces hashing_{most_hashing};
};

// Refuses, naming the right that the role lacks.
Result<> require(const Viewer& viewer, Right right);
// user:anna; what has a colon already (uid:0, console) stays.
std::string actor_of(const Viewer& viewer);

}  // namespace bulkhead::console
