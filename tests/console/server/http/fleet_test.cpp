// The API over the real fleet and its store: sign-in to sign-out, and the table of rights once more.
#include <gtest/gtest.h>

#include "console/server/fleet_core.hpp"
#include "console/server/http/api.hpp"
#include "console/server/http/json.hpp"
#include "console/store/sqlite_store.hpp"
#include "tests/console/folder.hpp"
#include "tests/console/server/http/rights_table.hpp"

namespace bulkhead::console::http {
namespace {

// A gateway whose every call succeeds at once.
class WillingLine : public Line {
  public:
    void push_desired(std::uint64_t, const std::string&) override {}
    std::unique_ptr<RelayedCall> call(const Caller&, const std::string& method, std::string,
                                      RelayEvents events) override {
        class Call : public RelayedCall {
            bool write(std::string) override { return true; }
            void half_close() override {}
            void cancel() override {}
            void taken(std::size_t) override {}
        };
        if (method == "TestDevice") events.message(api::DeviceTest().SerializeAsString());
        if (method.starts_with("Set") || method == "TestDevice") events.end({});
        return std::make_unique<Call>();
    }
    void tick() override {}
    void end(const Error&) override {}
};

class RealFleet : public testing::Test {
  protected:
    RealFleet() {
        lines_.put("gw-1", std::make_shared<WillingLine>());
        const Viewer console{"console:", Role::it_admin, {}};
        for (const auto& [name, role, tenant] :
             {std::tuple{"ida", Role::it_admin, ""}, std::tuple{"otto", Role::ot_operator, ""},
              std::tuple{"vera", Role::vendor, "acme"}, std::tuple{"aude", Role::auditor, ""}})
            passwords_[name] = *fleet_.add_user(console, {.name = name, .role = role, .tenant = tenant});
        put_gateway();
    }
    void put_gateway() {
        GatewayRow row;
        row.name = "gw-1";
        row.ek_public = "ek";
        EXPECT_TRUE(store_->add_gateway(row));
        auto report = std::make_shared<api::GatewayReport>();
        report->mutable_status()->set_gateway("gw-1");
        for (const auto& [name, tenant] : {std::pair{"robot-cell", "acme"}, std::pair{"press", "other"}}) {
            auto& partition = *report->mutable_partitions()->add_items();
            partition.set_name(name);
            partition.set_tenant(tenant);
        }
        report->mutable_devices()->add_items()->set_name("line-of-gw-1");
        GatewayState state;
        state.name = "gw-1";
        state.connected = true;
        state.last_seen = clock_.utc();
        state.report = report;
        roster_.put(state);
    }
    Response sign_in(const std::string& user, const std::string& password) {
        return api_.answer({.method = "POST",
                            .path = "/api/v1/session",
                            .body = text_of({{"user", user}, {"password", password}}),
                            .address = "192.0.2.7"});
    }
    std::string session(const std::string& user) {
        return Json::parse(sign_in(user, passwords_.at(user)).body).value("session", "");
    }

    Folder folder_;
    SystemClock clock_;
    std::unique_ptr<Store> store_ = *SqliteStore::open(folder_ / "console.db");
    Roster roster_;
    Lines lines_;
    Watchers watchers_;
    std::unique_ptr<Authority> authority_ =
        *Authority::open(*store_, clock_, {.folder = folder_.path(), .names = {"localhost"}});
    FleetCore fleet_{{*store_, roster_, lines_, watchers_, *authority_, clock_},
                     {.address = "localhost:7443"}};
    Api api_{fleet_, Assets(), ApiLimits{}};
    std::map<std::string, std::string> passwords_;
};

TEST_F(RealFleet, each_role_gets_what_the_table_says_and_no_more) {
    std::map<std::string, std::string> sessions;
    for (const auto& [user, password] : passwords_) sessions[user] = session(user);
    for (const auto& line : table) {
        // These end sessions: below.
        if (line.route.contains("/session")) continue;
        const std::map<std::string, int> wanted = {
            {"ida", line.admin}, {"otto", line.operator_}, {"vera", line.vendor}, {"aude", line.auditor}};
        for (const auto& [user, status] : wanted) {
            const auto response = api_.answer(request_of(line.route, user, sessions[user]));
            const bool no_key_yet = response.body.contains("trusts no key of IT yet");
            if (status == yes)
                EXPECT_TRUE((response.status >= 200 && response.status < 300) || no_key_yet)
                    << line.route << " by " << user << ": " << response.status << " " << response.body;
            else
                EXPECT_TRUE(response.status == status && !no_key_yet)
                    << line.route << " by " << user << ": " << response.status << " " << response.body;
        }
    }
}

TEST_F(RealFleet, a_vendor_finds_nothing_of_another_tenant) {
    const auto secret = session("vera");
    for (const auto& line : table) {
        if (!line.route.contains("{partition}") || line.vendor != yes) continue;
        auto request = request_of(line.route, "vera", secret);
        request.path = filled(request.path, "robot-cell", "press");
        EXPECT_EQ(api_.answer(request).status, 404) << line.route;
    }
    const auto list = api_.answer(request_of("GET /api/v1/partitions", "vera", secret)).body;
    EXPECT_TRUE(list.contains("robot-cell"));
    EXPECT_FALSE(list.contains("press"));
}

TEST_F(RealFleet, signing_out_and_a_new_password_end_sessions) {
    const auto first = session("otto"), second = session("otto");
    EXPECT_EQ(api_.answer(request_of("DELETE /api/v1/session", "otto", first)).status, 204);
    EXPECT_EQ(api_.answer(request_of("GET /api/v1/session", "otto", first)).status, 401);
    auto change = request_of("POST /api/v1/session/password", "otto", second);
    change.body = text_of({{"old_password", passwords_["otto"]}, {"new_password", "a new one, longer"}});
    EXPECT_EQ(api_.answer(change).status, 204);
    EXPECT_EQ(sign_in("otto", passwords_["otto"]).status, 401);
    EXPECT_EQ(sign_in("otto", "a new one, longer").status, 200);
}

TEST_F(RealFleet, wrong_passwords_are_held_up_before_they_are_checked) {
    int held_up = 0;
    for (int count = 0; count < 12; ++count) held_up += sign_in("otto", "wrong").status == 503 ? 1 : 0;
    EXPECT_GT(held_up, 0);
}

TEST_F(RealFleet, a_change_by_rest_stands_in_the_audit_with_its_actor) {
    const auto secret = session("ida");
    api_.answer(request_of("POST " + partition + "/restart", "ida", secret));
    const auto audit = api_.answer(request_of("GET /api/v1/audit", "ida", secret)).body;
    EXPECT_TRUE(audit.contains(R"("actor":"user:ida")")) << audit;
    EXPECT_TRUE(audit.contains(R"("subject":"gw-1/robot-cell")")) << audit;
}

}  // namespace
}  // namespace bulkhead::console::http
