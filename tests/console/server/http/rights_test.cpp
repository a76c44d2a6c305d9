// Who may do what: each role at each route, through the API, against what the table here says and the one of
// the program does not know of.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "console/server/http/api.hpp"
#include "console/server/http/json.hpp"
#include "console/server/http/routes.hpp"
#include "tests/console/server/http/fake_fleet.hpp"
#include "tests/console/server/http/rights_table.hpp"

namespace bulkhead::console::http {
namespace {

Request request_by(const std::string& route, const std::string& user) {
    return request_of(route, user, user.empty() ? "" : "session-" + user);
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
            const auto response = api_.answer(request_by(line.route, user));
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
        EXPECT_EQ(api_.answer(request_by(name, "")).status, 401) << name;
        auto invented = request_by(name, "");
        invented.authorization = "Bearer session-nobody";
        EXPECT_EQ(api_.answer(invented).status, 401) << name;
    }
}

TEST_F(Rights, what_is_another_tenants_does_not_exist_for_a_vendor) {
    for (const auto& line : table) {
        if (!line.route.contains("{partition}") || line.vendor != yes) continue;
        auto request = request_by(line.route, "vera");
        request.path = filled(request.path, "robot-cell", "press");
        EXPECT_EQ(api_.answer(request).status, 404) << line.route;
    }
}

TEST_F(Rights, a_session_says_what_its_role_may) {
    const auto rights = [&](const std::string& user) {
        const auto json = Json::parse(api_.answer(request_by("GET /api/v1/session", user)).body);
        return json["rights"].get<std::set<std::string>>();
    };
    EXPECT_EQ(rights("vera"), (std::set<std::string>{"see", "read-output", "use-serial", "capture"}));
    EXPECT_EQ(rights("aude"), (std::set<std::string>{"see", "see-audit"}));
    EXPECT_EQ(rights("otto"), (std::set<std::string>{"see", "run", "lock", "read-output"}));
    EXPECT_EQ(rights("ida").size(), 11U);
}

TEST(Roles, have_names_that_read_back) {
    for (const auto role : {Role::it_admin, Role::ot_operator, Role::vendor, Role::auditor})
        EXPECT_EQ(role_named(to_string(role)), role);
    EXPECT_FALSE(role_named("root"));
}

}  // namespace
}  // namespace bulkhead::console::http
