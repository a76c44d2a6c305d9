#include "tests/console/server/http/fake_fleet.hpp"

#include <utility>

namespace bulkhead::console {
namespace {

class FakeCall : public RelayedCall {
  public:
    explicit FakeCall(std::shared_ptr<FakeFleet::Relayed> relayed) : relayed_(std::move(relayed)) {}
    ~FakeCall() override { relayed_->cancelled = true; }
    bool write(std::string message) override {
        relayed_->written.push_back(std::move(message));
        return !relayed_->cancelled;
    }
    void half_close() override {}
    void cancel() override { relayed_->cancelled = true; }
    void taken(std::size_t bytes) override { relayed_->taken += bytes; }

  private:
    std::shared_ptr<FakeFleet::Relayed> relayed_;
};

Right right_of(const std::string& method) {
    return method == "SetRun"       ? Right::run
           : method == "SetLock"    ? Right::lock
           : method == "Logs"       ? Right::read_output
           : method == "Capture"    ? Right::capture
           : method == "TestDevice" ? Right::test_devices
                                    : Right::use_serial;
}

}  // namespace

FakeFleet::FakeFleet() {
    accounts_ = {{"ida", {.user = "ida", .role = Role::it_admin}},
                 {"otto", {.user = "otto", .role = Role::ot_operator}},
                 {"vera", {.user = "vera", .role = Role::vendor, .tenant = "acme"}},
                 {"aude", {.user = "aude", .role = Role::auditor}}};
    for (const auto& [name, viewer] : accounts_) sessions_.emplace("session-" + name, viewer);
}

Answer<void> FakeFleet::need(const Viewer& viewer, Right right) const {
    if (!viewer.may(right))
        return fail(Code::refused, viewer.user + " may not do this", "right", std::string(to_string(right)));
    return {};
}

// robot-cell is acme's, press is another's.
Answer<void> FakeFleet::see(const Viewer& viewer, const std::string& gateway,
                            const std::string& partition) const {
    BULKHEAD_TRY(need(viewer, Right::see));
    const bool there = (gateway == "gw-1" || gateway == "gw-2") &&
                       (partition.empty() || partition == "robot-cell" || partition == "press");
    if (!there || (!viewer.tenant.empty() && partition == "press"))
        return fail(Code::not_found, "there is no such thing", gateway + "/" + partition);
    return {};
}

Answer<api::GatewayList> FakeFleet::gateways(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(need(viewer, Right::see));
    last_list = request;
    api::GatewayList list;
    for (const auto* name : {"gw-1", "gw-2"}) {
        if (!request.name().empty() && request.name() != name) continue;
        auto& item = *list.add_items();
        item.set_name(name);
        (*item.mutable_labels())["line"] = "3";
        item.set_generation(std::uint64_t{1} << 52);
    }
    list.set_total(static_cast<std::uint64_t>(list.items_size()));
    return list;
}

Answer<api::PartitionList> FakeFleet::partitions(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(need(viewer, Right::see));
    last_list = request;
    api::PartitionList list;
    for (const auto* name : {"robot-cell", "press"}) {
        if (!request.name().empty() && request.name() != name) continue;
        if (!viewer.tenant.empty() && std::string(name) == "press") continue;
        auto& item = *list.add_items();
        item.set_gateway("gw-1");
        item.set_name(name);
    }
    return list;
}

Answer<api::DeviceList> FakeFleet::devices(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(see(viewer, request.gateway().empty() ? "gw-1" : request.gateway(), ""));
    api::DeviceList list;
    for (const auto* gateway : {"gw-1", "gw-2"}) {
        const std::string name = std::string("line-of-") + gateway;
        for (const auto& each : {name, std::string("meter")}) {
            if (request.name().empty() || request.name() != each) continue;
            auto& item = *list.add_items();
            item.set_gateway(gateway);
            item.set_name(each);
        }
    }
    return list;
}
Answer<api::ZoneList> FakeFleet::zones(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(see(viewer, request.gateway(), ""));
    return api::ZoneList{};
}
Answer<api::ConduitList> FakeFleet::conduits(const Viewer& viewer, const api::ListRequest& request) {
    if (!request.gateway().empty()) BULKHEAD_TRY(see(viewer, request.gateway(), ""));
    return api::ConduitList{};
}

Answer<api::RouterList> FakeFleet::routers(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(see(viewer, request.gateway(), ""));
    api::RouterList list;
    auto& router = *list.add_items();
    router.set_tenant("acme");
    router.add_uplinks()->set_name("plant");
    return list;
}
Answer<api::DenialList> FakeFleet::denials(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(see(viewer, request.gateway(), ""));
    api::DenialList list;
    auto& denial = *list.add_items();
    denial.set_from("robot-cell");
    denial.set_reason("no_conduit");
    denial.set_count(3);
    list.set_total(1);
    return list;
}

Answer<api::EventList> FakeFleet::events(const Viewer& viewer, const api::ListEventsRequest& request) {
    BULKHEAD_TRY(need(viewer, Right::see));
    last_events = request;
    api::EventList list;
    list.add_items()->set_text("it \"started\"\n\xff");
    list.set_next("7");
    return list;
}

Answer<api::Status> FakeFleet::status(const Viewer& viewer, const std::string& gateway) {
    BULKHEAD_TRY(see(viewer, gateway, ""));
    api::Status status;
    status.set_gateway(gateway);
    return status;
}

Answer<api::AttestationView> FakeFleet::attestation(const Viewer& viewer, const std::string& gateway,
                                                    const std::string& partition) {
    BULKHEAD_TRY(see(viewer, gateway, partition));
    api::AttestationView view;
    view.set_gateway(gateway);
    view.set_partition(partition);
    view.set_attestation("stale");
    return view;
}

Answer<std::vector<HistoryPoint>> FakeFleet::history(const Viewer& viewer, const std::string& gateway,
                                                     const std::string& partition, std::size_t limit) {
    BULKHEAD_TRY(see(viewer, gateway, partition));
    return std::vector<HistoryPoint>(limit < 2 ? limit : 2, {"2026-01-01T00:00:00Z", "health", "ok", ""});
}

Answer<std::vector<AuditRow>> FakeFleet::audit(const Viewer& viewer, std::uint64_t before,
                                               std::size_t limit) {
    BULKHEAD_TRY(need(viewer, Right::see_audit));
    std::vector<AuditRow> rows;
    for (std::uint64_t id = before == 0 ? 5 : before - 1; id > 0 && rows.size() < limit; --id)
        rows.push_back({.id = id, .actor = "user:ida", .action = "user.added"});
    return rows;
}

std::expected<std::uint64_t, Errors> FakeFleet::set_desired(const Viewer& viewer,
                                                            const std::string& /*envelope*/) {
    if (const auto may = need(viewer, Right::set_desired); !may) return std::unexpected(Errors{may.error()});
    return 8;
}

Answer<std::unique_ptr<RelayedCall>> FakeFleet::call(const Viewer& viewer, const std::string& gateway,
                                                     const std::string& partition, const std::string& method,
                                                     std::string request, RelayEvents events) {
    BULKHEAD_TRY(see(viewer, gateway, partition));
    BULKHEAD_TRY(need(viewer, right_of(method)));
    if (gateway == "gw-2") return fail(Code::unavailable, "gw-2 is not connected", gateway);
    auto relayed = std::make_shared<Relayed>(method, std::move(request), std::move(events));
    if (ends_at_once && (method == "SetRun" || method == "SetLock")) {
        api::Progress progress;
        progress.set_state(api::Progress::finished);
        relayed->events.message(progress.SerializeAsString());
        relayed->events.end({});
    }
    if (ends_at_once && method == "TestDevice") {
        api::DeviceTest test;
        test.set_sent(256);
        relayed->events.message(test.SerializeAsString());
        relayed->events.end({});
    }
    const std::lock_guard lock(mutex_);
    relayed_ = relayed;
    return std::make_unique<FakeCall>(std::move(relayed));
}

std::shared_ptr<FakeFleet::Relayed> FakeFleet::relayed() {
    const std::lock_guard lock(mutex_);
    return relayed_;
}

Answer<JoinToken> FakeFleet::create_token(const Viewer& viewer, std::chrono::seconds lifetime) {
    BULKHEAD_TRY(need(viewer, Right::manage_gateways));
    return JoinToken{"join-" + std::to_string(lifetime.count()), "2026-01-01T00:00:00Z"};
}
Answer<void> FakeFleet::remove_gateway(const Viewer& viewer, const std::string& gateway) {
    BULKHEAD_TRY(need(viewer, Right::manage_gateways));
    return see(viewer, gateway, "");
}

Answer<std::vector<User>> FakeFleet::users(const Viewer& viewer) {
    BULKHEAD_TRY(need(viewer, Right::manage_users));
    return std::vector<User>{{.name = "ida", .role = Role::it_admin}};
}
Answer<std::string> FakeFleet::add_user(const Viewer& viewer, const User& user) {
    BULKHEAD_TRY(need(viewer, Right::manage_users));
    if (accounts_.contains(user.name)) return fail(Code::conflict, user.name + " is there", "user");
    accounts_.emplace(user.name, Viewer{user.name, user.role, user.tenant});
    return "generated";
}
Answer<std::string> FakeFleet::reset_password(const Viewer& viewer, const std::string& user) {
    BULKHEAD_TRY(need(viewer, Right::manage_users));
    if (!accounts_.contains(user)) return fail(Code::not_found, "nobody", user);
    return "generated";
}
Answer<void> FakeFleet::remove_user(const Viewer& viewer, const std::string& user) {
    BULKHEAD_TRY(need(viewer, Right::manage_users));
    if (accounts_.erase(user) == 0) return fail(Code::not_found, "nobody", user);
    return {};
}
Answer<void> FakeFleet::change_password(const Viewer& viewer, const std::string& old_password,
                                        const std::string& /*new_password*/) {
    if (old_password != viewer.user) return fail(Code::invalid, "the old password is wrong", "old_password");
    return {};
}

Answer<Fleet::SignedIn> FakeFleet::sign_in(const std::string& user, const std::string& password,
                                           const std::string& /*address*/) {
    const std::lock_guard lock(mutex_);
    const auto account = accounts_.find(user);
    if (account == accounts_.end() || password != user)
        return fail(Code::refused, "user or password is wrong", "session");
    sessions_.emplace("session-" + user, account->second);
    return SignedIn{"session-" + user, account->second, "2026-01-01T00:00:00Z"};
}
Answer<Viewer> FakeFleet::viewer_of(const std::string& session) {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) return fail(Code::refused, "no such session", "session");
    return found->second;
}
void FakeFleet::sign_out(const std::string& session) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(session);
}

std::shared_ptr<void> FakeFleet::watch(const Viewer& /*viewer*/, Watch callback) {
    const std::lock_guard lock(mutex_);
    const int number = next_watch_++;
    watches_.emplace(number, std::move(callback));
    return {nullptr, [this, number](void*) {
                const std::lock_guard inner(mutex_);
                watches_.erase(number);
            }};
}
void FakeFleet::change(const Change& change) {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, callback] : watches_) callback(change);
}

Answer<Fleet::Counts> FakeFleet::counts() {
    return Counts{
        .gateways = 3, .connected = 2, .partitions = 5, .partitions_ok = 4, .trusted = 6, .rounds = 9};
}

void FakeFleet::each_switch(const EachSwitch& tell) {
    for (const auto& gateway : switches) tell(gateway, switch_partitions, switch_conduits, switch_routers);
}

}  // namespace bulkhead::console
