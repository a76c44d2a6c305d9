// The fleet as people and programs see and change it: the one interface below gRPC's Control service and the
// REST API. Every call checks the viewer's rights itself and writes an audit row for what it changes. From
// any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "bulkhead/v1alpha1/control.pb.h"
#include "bulkhead/v1alpha1/switch.pb.h"
#include "console/server/viewer.hpp"

namespace bulkhead::console {

namespace api = bulkhead::v1alpha1;

// What changed, for those who watch: reload what shows it.
struct Change {
    std::string gateway;    // empty: something of the whole fleet
    std::string partition;  // empty: the gateway itself
    std::string kind;       // gateway, partition, attestation, event, user
};

// One point of a partition's (or gateway's) past.
struct HistoryPoint {
    std::string time;   // RFC 3339
    std::string kind;   // health, attestation
    std::string value;  // ok, degraded, ..., trusted, untrusted
    std::string reason;
};

struct AuditRow {
    std::uint64_t id = 0;
    std::string time;
    std::string actor;  // user:anna, token, console
    std::string tenant;
    std::string action;  // user.added, gateway.enrolled, desired.set, partition.restart, sign-in.refused, ...
    std::string subject;
    std::string detail;
};

struct User {
    std::string name;
    Role role = Role::auditor;
    std::string tenant;
    std::string created;
    std::string last_sign_in;
};

struct JoinToken {
    std::string join;  // the whole join string; shown once
    std::string expires;
};

// A call that is passed on to a gateway: SetRun, SetLock, Logs, Attach of Control, Capture of Switch.
class RelayedCall {
  public:
    virtual ~RelayedCall() = default;
    virtual bool write(std::string message) = 0;  // false: it has ended
    virtual void half_close() = 0;
    virtual void cancel() = 0;
    // The person has read an answer of so many bytes: where a window was given, it is open for as much again.
    virtual void taken(std::size_t bytes) = 0;
};
struct RelayEvents {
    std::function<void(std::string)> message;  // serialised answer
    std::function<void(const Errors&)> end;    // once; empty: it succeeded
    // Bytes of answers that may be under way, 64 more counted for each; 0: all that there are.
    std::uint32_t window = 0;
};

template <class T>
using Answer = std::expected<T, Error>;

class Fleet {
  public:
    virtual ~Fleet() = default;

    virtual Answer<api::GatewayList> gateways(const Viewer& viewer, const api::ListRequest& request) = 0;
    virtual Answer<api::PartitionList> partitions(const Viewer& viewer, const api::ListRequest& request) = 0;
    virtual Answer<api::DeviceList> devices(const Viewer& viewer, const api::ListRequest& request) = 0;
    virtual Answer<api::ZoneList> zones(const Viewer& viewer, const api::ListRequest& request) = 0;
    virtual Answer<api::ConduitList> conduits(const Viewer& viewer, const api::ListRequest& request) = 0;
    virtual Answer<api::RouterList> routers(const Viewer& viewer, const api::ListRequest& request) = 0;
    virtual Answer<api::DenialList> denials(const Viewer& viewer, const api::ListRequest& request) = 0;
    virtual Answer<api::EventList> events(const Viewer& viewer, const api::ListEventsRequest& request) = 0;
    virtual Answer<api::Status> status(const Viewer& viewer, const std::string& gateway) = 0;
    // Of the host (partition empty) or a partition.
    virtual Answer<api::AttestationView> attestation(const Viewer& viewer, const std::string& gateway,
                                                     const std::string& partition) = 0;
    virtual Answer<std::vector<HistoryPoint>> history(const Viewer& viewer, const std::string& gateway,
                                                      const std::string& partition, std::size_t limit) = 0;
    virtual Answer<std::vector<AuditRow>> audit(const Viewer& viewer, std::uint64_t before,
                                                std::size_t limit) = 0;

    // A signed desired state; its generation. The signature is checked against the IT keys that the console
    // trusts.
    virtual std::expected<std::uint64_t, Errors> set_desired(const Viewer& viewer,
                                                             const std::string& envelope) = 0;
    // `method` and `request` as in Control, and then it is about `partition`; or Capture of Switch, without
    // one. Code::unavailable if the gateway is not connected.
    virtual Answer<std::unique_ptr<RelayedCall>> call(const Viewer& viewer, const std::string& gateway,
                                                      const std::string& partition, const std::string& method,
                                                      std::string request, RelayEvents events) = 0;

    virtual Answer<JoinToken> create_token(const Viewer& viewer, std::chrono::seconds lifetime) = 0;
    // Its certificate is refused from now on.
    virtual Answer<void> remove_gateway(const Viewer& viewer, const std::string& gateway) = 0;

    virtual Answer<std::vector<User>> users(const Viewer& viewer) = 0;
    // The generated password, shown once.
    virtual Answer<std::string> add_user(const Viewer& viewer, const User& user) = 0;
    virtual Answer<std::string> reset_password(const Viewer& viewer, const std::string& user) = 0;
    virtual Answer<void> remove_user(const Viewer& viewer, const std::string& user) = 0;
    virtual Answer<void> change_password(const Viewer& viewer, const std::string& old_password,
                                         const std::string& new_password) = 0;

    struct SignedIn {
        std::string session;  // a bearer secret
        Viewer viewer;
        std::string expires;
    };
    // Slow on purpose after wrong passwords (per user and address). Code::refused says nothing of which part
    // was wrong.
    virtual Answer<SignedIn> sign_in(const std::string& user, const std::string& password,
                                     const std::string& address) = 0;
    virtual Answer<Viewer> viewer_of(const std::string& session) = 0;
    virtual void sign_out(const std::string& session) = 0;

    using Watch = std::function<void(const Change&)>;
    // Called on any thread, must not block. Until the handle is destroyed.
    virtual std::shared_ptr<void> watch(const Viewer& viewer, Watch callback) = 0;

    // For /metrics.
    struct Counts {
        std::uint64_t gateways = 0, connected = 0, partitions = 0, partitions_ok = 0, trusted = 0,
                      untrusted = 0, stale = 0, unknown = 0, events = 0, events_dropped = 0, rounds = 0,
                      sessions = 0;
    };
    virtual Answer<Counts> counts() = 0;
    // What each gateway that is connected now last reported of its switch. For /metrics.
    using EachSwitch = std::function<void(const std::string& gateway, const api::PartitionList& partitions,
                                          const api::ConduitList& conduits, const api::RouterList& routers)>;
    virtual void each_switch(const EachSwitch& tell) = 0;
};

}  // namespace bulkhead::console
