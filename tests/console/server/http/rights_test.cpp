// Who may do what: each role at each route, through the API, against what the table here says and the one of
// the program does not know of.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "console/server/http/api.hpp"
#include "console/server/http/json.hpp"
#include "console/server/http/routes.hpp"
#include "tests/console/server/http/fake_fleet.hpp"

namespace bulkhead::console::http {
namespace {

constexpr int yes = 0, no = 403;
struct Line {
    std::string route;
    int admin, operator_, vendor, auditor;  // yes, or the status of the refusal
};

const std::string gateway = "/api/v1/gateways/{gateway}";
const std::string partition = gateway + "/partitions/{partition}";

const std::vector<Line> table = {{"GET /api/v1/session", yes, yes, yes, yes},
                                 {"POST /api/v1/session/password", yes, yes, yes, yes},
                                 {"GET /api/v1/gateways", yes, yes, yes, yes},
                                 {"GET /api/v1/partitions", yes, yes, yes, yes},
                                 {"GET /api/v1/events", yes, yes, yes, yes},
                                 {"GET /api/v1/stream", yes, yes, yes, yes},
                                 {"GET /api/v1/audit", yes, no, no, yes},
                                 {"GET " + gateway, yes, yes, yes, yes},
                                 {"DELETE " + gateway, yes, no, no, no},
                                 {"GET " + gateway + "/partitions", yes, yes, yes, yes},
                                 {"GET " + gateway + "/devices", yes, yes, yes, yes},
                                 {"GET " + gateway + "/zones", yes, yes, yes, yes},
                                 {"GET " + gateway + "/conduits", yes, yes, yes, yes},
                                 {"GET " + gateway + "/events", yes, yes, yes, yes},
                                 {"GET " + gateway + "/history", yes, yes, yes, yes},
                                 {"GET " + gateway + "/attestation", yes, yes, yes, yes},
                                 {"PUT " + gateway + "/desired", yes, no, no, no},
                                 {"GET " + partition, yes, yes, yes, yes},
                                 {"GET " + partition + "/history", yes, yes, yes, yes},
                                 {"GET " + partition + "/attestation", yes, yes, yes, yes},
                                 {"POST " + partition + "/start", yes, yes, no, no},
                                 {"POST " + partition + "/stop", yes, yes, no, no},
                                 {"POST " + partition + "/restart", yes, yes, no, no},
                                 {"POST " + partition + "/lock", yes, yes, no, no},
                                 {"POST " + partition + "/unlock", yes, yes, no, no},
                                 {"GET " + partition + "/logs", yes, yes, yes, no},
                                 {"POST " + partition + "/console", yes, no, yes, no},
                                 {"GET /api/v1/users", yes, no, no, no},
                                 {"POST /api/v1/users", yes, no, no, no},
                                 {"DELETE /api/v1/users/{user}", yes, no, no, no},
                                 {"POST /api/v1/users/{user}/reset", yes, no, no, no},
                                 {"POST /api/v1/tokens", yes, no, no, no},
                                 {"GET /metrics", yes, yes, no, yes},
                                 {"DELETE /api/v1/session", yes, yes, yes, yes}};  // last: it signs out

// No role has one open, so nobody finds it. serial_console_test has the rest.
const std::set<std::string> of_an_open_console = {"GET " + partition + "/console/{console}",
                                                  "POST " + partition + "/console/{console}",
                                                  "DELETE " + partition + "/console/{console}"};
const std::set<std::string> open_to_all = {"POST /api/v1/session", "GET /api/v1/openapi.json",
                                           "GET /healthz"};

std::string filled(std::string path, const std::string& name, const std::string& value) {
    const auto at = path.find(name);
    return at == std::string::npos ? path : path.replace(at, name.size(), value);
}

Request request_of(const std::string& route, const std::string& user) {
    const auto space = route.find(' ');
    Request request{.method = route.substr(0, space), .address = "192.0.2.7"};
    auto path = filled(route.substr(space + 1), "{gateway}", "gw-1");
    path = filled(filled(path, "{partition}", "robot-cell"), "{user}", "otto");
    request.path = filled(path, "{console}", "00");
    if (!user.empty()) request.authorization = "Bearer session-" + user;
    if (route.ends_with("/password"))
        request.body = R"({"old_password":")" + user + R"(","new_password":"n"})";
    if (route.ends_with("/lock")) request.body = R"({"reason":"inspection"})";
    if (route == "POST /api/v1/users") request.body = R"({"name":"nina","role":"auditor"})";
    if (route.ends_with("/desired"))  // {"gateway":"gw-1"}
        request.body = R"({"payload":"eyJnYXRld2F5IjoiZ3ctMSJ9","payloadType":"x","signatures":[]})";
    return request;
}

class Rights : public testing::Test {
  protected:
    FakeFleet fleet_;
    Api api_{fleet_, Assets(), ApiLimits{}};
};

TEST_F(Rights, the_table_has_a_line_for_every_route) {
    std::set<std::string> lines = of_an_open_console;
    lines.insert(open_to_all.begin(), open_to_all.end());
    for (const auto& line : table) lines.insert(line.route);
    std::set<std::string> routes;
    for (const auto& route : api_.routes()) routes.insert(route.method + " " + route.pattern);
    EXPECT_EQ(lines, routes);
}

TEST_F(Rights, each_role_gets_what_the_table_says_and_no_more) {
    for (const auto& line : table) {
        const std::map<std::string, int> wanted = {
            {"ida", line.admin}, {"otto", line.operator_}, {"vera", line.vendor}, {"aude", line.auditor}};
        for (const auto& [user, status] : wanted) {
            const auto response = api_.answer(request_of(line.route, user));
            if (status == yes)
                EXPECT_TRUE(response.status >= 200 && response.status < 300)
                    << line.route << " by " << user << ": " << response.status << " " << response.body;
            else
                EXPECT_EQ(response.status, status) << line.route << " by " << user << ": " << response.body;
        }
    }
}

TEST_F(Rights, nobody_gets_anything_without_a_session) {
    for (const auto& route : api_.routes()) {
        const auto name = route.method + " " + route.pattern;
        if (open_to_all.contains(name)) continue;
        EXPECT_EQ(api_.answer(request_of(name, "")).status, 401) << name;
        auto invented = request_of(name, "");
        invented.authorization = "Bearer session-nobody";
        EXPECT_EQ(api_.answer(invented).status, 401) << name;
    }
}

TEST_F(Rights, what_is_another_tenants_does_not_exist_for_a_vendor) {
    for (const auto& line : table) {
        if (!line.route.contains("{partition}") || line.vendor != yes) continue;
        auto request = request_of(line.route, "vera");
        request.path = filled(request.path, "robot-cell", "press");
        EXPECT_EQ(api_.answer(request).status, 404) << line.route;
    }
}

TEST_F(Rights, a_session_says_what_its_role_may) {
    const auto rights = [&](const std::string& user) {
        const auto json = Json::parse(api_.answer(request_of("GET /api/v1/session", user)).body);
        return json["rights"].get<std::set<std::string>>();
    };
    EXPECT_EQ(rights("vera"), (std::set<std::string>{"see", "read-output", "use-serial"}));
    EXPECT_EQ(rights("aude"), (std::set<std::string>{"see", "see-audit"}));
    EXPECT_EQ(rights("otto"), (std::set<std::string>{"see", "run", "lock", "read-output"}));
    EXPECT_EQ(rights("ida").size(), 9U);
}

TEST(Roles, have_names_that_read_back) {
    for (const auto role : {Role::it_admin, Role::ot_operator, Role::vendor, Role::auditor})
        EXPECT_EQ(role_named(to_string(role)), role);
    EXPECT_FALSE(role_named("root"));
}

}  // namespace
}  // namespace bulkhead::console::http
