// A fleet of two gateways and two tenants, in memory, by hand: what the HTTP side is tested against. Rights
// are refused as Fleet promises, and what was asked is kept.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "console/server/fleet.hpp"

namespace bulkhead::console {

class FakeFleet : public Fleet {
  public:
    FakeFleet();

    Answer<api::GatewayList> gateways(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::PartitionList> partitions(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::DeviceList> devices(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::ZoneList> zones(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::ConduitList> conduits(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::RouterList> routers(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::DenialList> denials(const Viewer& viewer, const api::ListRequest& request) override;
    Answer<api::EventList> events(const Viewer& viewer, const api::ListEventsRequest& request) override;
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
    Answer<void> remove_gateway(const Viewer& viewer, const std::string& gateway) override;
    Answer<std::vector<User>> users(const Viewer& viewer) override;
    Answer<std::string> add_user(const Viewer& viewer, const User& user) override;
    Answer<std::string> reset_password(const Viewer& viewer, const std::string& user) override;
    Answer<void> remove_user(const Viewer& viewer, const std::string& user) override;
    Answer<void> change_password(const Viewer& viewer, const std::string& old_password,
                                 const std::string& new_password) override;
    // The password is the user's name; the session is "session-" and that name.
    Answer<SignedIn> sign_in(const std::string& user, const std::string& password,
                             const std::string& address) override;
    Answer<Viewer> viewer_of(const std::string& session) override;
    void sign_out(const std::string& session) override;
    std::shared_ptr<void> watch(const Viewer& viewer, Watch callback) override;
    Answer<Counts> counts() override;
    void each_switch(const EachSwitch& tell) override;

    // What the last relayed call gave to speak with, and was told.
    struct Relayed {
        std::string method, request;
        RelayEvents events;
        std::vector<std::string> written;
        std::atomic<bool> cancelled = false;
        std::atomic<std::size_t> taken = 0;  // bytes of answers
    };
    std::shared_ptr<Relayed> relayed();  // shared with the call itself
    bool ends_at_once = true;            // a relayed SetRun, SetLock or TestDevice
    void change(const Change& change);   // tells all who watch

    // What each_switch tells of every gateway.
    std::vector<std::string> switches;
    api::PartitionList switch_partitions;
    api::ConduitList switch_conduits;
    api::RouterList switch_routers;

    api::ListRequest last_list;
    api::ListEventsRequest last_events;

  private:
    Answer<void> need(const Viewer& viewer, Right right) const;
    Answer<void> see(const Viewer& viewer, const std::string& gateway, const std::string& partition) const;

    mutable std::mutex mutex_;
    std::map<std::string, Viewer> accounts_;
    std::map<std::string, Viewer> sessions_;
    std::map<int, Watch> watches_;
    int next_watch_ = 0;
    std::shared_ptr<Relayed> relayed_;
};

}  // namespace bulkhead::console
