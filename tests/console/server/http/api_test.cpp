#include "console/server/http/api.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "console/server/http/json.hpp"
#include "console/server/http/routes.hpp"
#include "tests/console/server/http/fake_fleet.hpp"

namespace bulkhead::console::http {
namespace {

class ApiTest : public testing::Test {
  protected:
    Request request(const std::string& method, const std::string& path) const {
        return {.method = method,
                .path = path,
                .address = "127.0.0.1",
                .host = "127.0.0.1:8080",
                .cookie = "theme=dark; bulkhead_session=session-ida"};
    }
    Json json(const Request& request) { return Json::parse(api_.answer(request).body); }
    static std::string header(const Response& response, std::string_view name) {
        for (const auto& [key, value] : response.headers)
            if (key == name) return value;
        return {};
    }

    FakeFleet fleet_;
    Api api_{fleet_, Assets(), ApiLimits{.operation = std::chrono::milliseconds(50)}};
};

TEST_F(ApiTest, signing_in_sets_a_cookie_that_no_script_and_no_other_site_gets) {
    auto sign_in = request("POST", "/api/v1/session");
    sign_in.cookie.clear();
    sign_in.body = R"({"user":"otto","password":"otto"})";
    const auto response = api_.answer(sign_in);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(header(response, "Set-Cookie"),
              "bulkhead_session=session-otto; Path=/api/v1; HttpOnly; SameSite=Strict");
    EXPECT_EQ(Json::parse(response.body)["role"], "ot-operator");
    sign_in.secure = true;
    EXPECT_TRUE(header(api_.answer(sign_in), "Set-Cookie").ends_with("; Secure"));
}

TEST_F(ApiTest, a_wrong_password_is_401_and_the_body_is_an_error_list) {
    auto sign_in = request("POST", "/api/v1/session");
    sign_in.body = R"({"user":"otto","password":"wrong"})";
    const auto response = api_.answer(sign_in);
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(Json::parse(response.body)["errors"][0]["code"], "refused");
    EXPECT_EQ(header(response, "Set-Cookie"), "");
}

TEST_F(ApiTest, signing_out_ends_the_session_and_the_cookie) {
    const auto response = api_.answer(request("DELETE", "/api/v1/session"));
    EXPECT_EQ(response.status, 204);
    EXPECT_TRUE(header(response, "Set-Cookie").ends_with("; Max-Age=0"));
    EXPECT_EQ(api_.answer(request("GET", "/api/v1/session")).status, 401);
}

TEST_F(ApiTest, a_page_of_another_site_changes_nothing) {
    const auto status = [&](auto&& edit) {
        auto stop = request("POST", "/api/v1/gateways/gw-1/partitions/robot-cell/stop");
        edit(stop);
        return api_.answer(stop).status;
    };
    EXPECT_EQ(status([](Request& r) { r.fetch_site = "cross-site"; }), 403);
    EXPECT_EQ(status([](Request& r) { r.fetch_site = "same-site"; }), 403);
    EXPECT_EQ(status([](Request& r) { r.origin = "https://evil.example"; }), 403);
    EXPECT_EQ(status([](Request& r) { r.origin = "null"; }), 403);
    EXPECT_EQ(status([](Request& r) { r.origin = "http://127.0.0.1:8081"; }), 403);
    EXPECT_EQ(fleet_.relayed(), nullptr);
    EXPECT_EQ(status([](Request& r) { r.origin = "http://127.0.0.1:8080"; }), 200);
    EXPECT_EQ(status([](Request& r) { r.fetch_site = "same-origin"; }), 200);
    // A bearer secret is never sent by a browser on its own.
    EXPECT_EQ(status([](Request& r) {
                  r.fetch_site = "cross-site";
                  r.cookie.clear();
                  r.authorization = "bearer session-ida";
              }),
              200);
    // A wrong one does not fall back to the cookie.
    EXPECT_EQ(status([](Request& r) { r.authorization = "Bearer wrong"; }), 401);
}

TEST_F(ApiTest, signing_in_from_another_sites_page_is_refused_too) {
    auto sign_in = request("POST", "/api/v1/session");
    sign_in.body = R"({"user":"otto","password":"otto"})";
    sign_in.origin = "https://evil.example";
    EXPECT_EQ(api_.answer(sign_in).status, 403);
}

TEST_F(ApiTest, lists_keep_protobufs_names_defaults_and_numbers) {
    auto list = request("GET", "/api/v1/gateways");
    list.query = {
        {"label", "line=3"}, {"label", "hall=a"}, {"search", "g"}, {"page_size", "5"}, {"sort", "-name"}};
    const auto answer = json(list);
    EXPECT_EQ(answer["total"], 2);
    EXPECT_EQ(answer["next"], "");
    const auto& first = answer["items"][0];
    EXPECT_EQ(first["name"], "gw-1");
    EXPECT_EQ(first["last_seen_seconds"], 0);
    EXPECT_EQ(first["labels"]["line"], "3");
    EXPECT_TRUE(first["generation"].is_number_unsigned());
    EXPECT_EQ(first["generation"].get<std::uint64_t>(), std::uint64_t{1} << 52);
    EXPECT_FALSE(first.contains("attestation"));  // not set
    EXPECT_EQ(fleet_.last_list.labels_size(), 2);
    EXPECT_EQ(fleet_.last_list.page_size(), 5U);
    EXPECT_EQ(fleet_.last_list.sort(), "-name");
}

TEST_F(ApiTest, text_that_is_not_utf8_still_makes_valid_json) {
    const auto answer = json(request("GET", "/api/v1/events"));
    EXPECT_EQ(answer["items"][0]["text"], "it \"started\"\n\xef\xbf\xbd");
    EXPECT_EQ(answer["next"], "7");
}

TEST_F(ApiTest, a_gateways_events_are_its_own_whatever_the_query_says) {
    auto events = request("GET", "/api/v1/gateways/gw-1/events");
    events.query = {{"gateway", "gw-2"}, {"page_size", "3"}};
    EXPECT_EQ(api_.answer(events).status, 200);
    EXPECT_EQ(fleet_.last_events.gateway(), "gw-1");
    EXPECT_EQ(fleet_.last_events.limit(), 3U);
}

TEST_F(ApiTest, unknown_words_of_a_query_are_refused_by_name) {
    auto list = request("GET", "/api/v1/gateways");
    list.query = {{"heath", "ok"}};
    const auto response = api_.answer(list);
    EXPECT_EQ(response.status, 400);
    const auto error = Json::parse(response.body)["errors"][0];
    EXPECT_EQ(error["what"], "unknown parameter 'heath'");
    EXPECT_TRUE(error["wanted"].get<std::string>().contains("health"));
}

TEST_F(ApiTest, what_is_not_there_is_404_and_a_wrong_method_405) {
    EXPECT_EQ(api_.answer(request("GET", "/api/v1/nothing")).status, 404);
    EXPECT_EQ(api_.answer(request("GET", "/api/v1/gateways/gw-9")).status, 404);
    EXPECT_EQ(api_.answer(request("GET", "/api/v1/gateways/gw-9/zones")).status, 404);
    EXPECT_EQ(api_.answer(request("GET", "/api/v1/gateways/gw-1/partitions/none")).status, 404);
    const auto wrong = api_.answer(request("PATCH", "/api/v1/users"));
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(header(wrong, "Allow"), "GET, POST");
    EXPECT_EQ(api_.answer(request("POST", "/index.html")).status, 405);
}

TEST_F(ApiTest, a_gateway_that_is_not_connected_is_503_with_its_reason) {
    const auto response = api_.answer(request("POST", "/api/v1/gateways/gw-2/partitions/press/start"));
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(Json::parse(response.body)["errors"][0]["what"], "gw-2 is not connected");
}

TEST_F(ApiTest, an_operation_that_does_not_end_is_504_and_later_answers_find_nobody) {
    fleet_.ends_at_once = false;
    EXPECT_EQ(api_.answer(request("POST", "/api/v1/gateways/gw-1/partitions/robot-cell/stop")).status, 504);
    const auto relayed = fleet_.relayed();
    relayed->events.message("late");
    relayed->events.end({});
}

TEST_F(ApiTest, the_gateways_refusal_keeps_its_code) {
    fleet_.ends_at_once = false;
    Response response;
    std::jthread asking([&] {
        auto patient = ApiLimits{};
        Api api(fleet_, Assets(), patient);
        response = api.answer(request("POST", "/api/v1/gateways/gw-1/partitions/robot-cell/stop"));
    });
    while (!fleet_.relayed()) std::this_thread::yield();
    fleet_.relayed()->events.end(
        {Error{Code::locked, "it is locked by otto", "partition/robot-cell", "", "unlock"}});
    asking.join();
    EXPECT_EQ(response.status, 423);
    EXPECT_EQ(Json::parse(response.body)["errors"][0]["mend"], "unlock");
}

TEST_F(ApiTest, a_test_of_a_line_says_what_came_back_of_as_many_bytes_as_were_asked_for) {
    auto test = request("POST", "/api/v1/gateways/gw-1/devices/line-of-gw-1/test");
    const auto asked = [&](const std::string& body) {
        test.body = body;
        const auto response = api_.answer(test);
        EXPECT_EQ(response.status, 200) << response.body;
        EXPECT_EQ(Json::parse(response.body)["sent"], 256);
        api::TestDeviceRequest passed_on;
        EXPECT_TRUE(passed_on.ParseFromString(fleet_.relayed()->request));
        EXPECT_EQ(passed_on.device(), "line-of-gw-1");
        return passed_on.bytes();
    };
    EXPECT_EQ(asked(""), 0U) << "the gateway's usual";
    EXPECT_EQ(asked(R"({"bytes": 64})"), 64U);
    test.body = R"({"bytes": 4097})";
    EXPECT_EQ(api_.answer(test).status, 400);
}

TEST_F(ApiTest, a_lock_needs_a_reason_and_passes_it_on) {
    auto lock = request("POST", "/api/v1/gateways/gw-1/partitions/robot-cell/lock");
    EXPECT_EQ(api_.answer(lock).status, 400);
    lock.body = R"({"reason":"inspection"})";
    EXPECT_EQ(api_.answer(lock).status, 204);
    api::SetLockRequest asked;
    ASSERT_TRUE(asked.ParseFromString(fleet_.relayed()->request));
    EXPECT_EQ(asked.reason(), "inspection");
    EXPECT_TRUE(asked.locked());
    EXPECT_EQ(asked.gateway(), "gw-1");
}

TEST_F(ApiTest, a_desired_state_goes_to_its_own_gateway_only) {
    auto put = request("PUT", "/api/v1/gateways/gw-2/desired");
    put.body = R"({"payload":"eyJnYXRld2F5IjoiZ3ctMSJ9","payloadType":"x","signatures":[]})";  // gw-1
    EXPECT_EQ(api_.answer(put).status, 400);
    put.path = "/api/v1/gateways/gw-1/desired";
    EXPECT_EQ(json(put)["generation"], 8);
}

TEST_F(ApiTest, the_audit_is_paged_by_id) {
    auto audit = request("GET", "/api/v1/audit");
    audit.query = {{"page_size", "2"}};
    auto page = json(audit);
    EXPECT_EQ(page["items"][0]["id"], 5);
    EXPECT_EQ(page["next"], "4");
    audit.query = {{"page_size", "2"}, {"page_token", "2"}};
    page = json(audit);
    EXPECT_EQ(page["items"].size(), 1U);
    EXPECT_EQ(page["next"], "");
}

TEST_F(ApiTest, metrics_are_for_the_own_host_or_a_session) {
    auto metrics = request("GET", "/metrics");
    metrics.cookie.clear();
    const auto text = api_.answer(metrics).body;
    EXPECT_TRUE(text.contains("# TYPE bulkhead_gateways gauge\n"));
    EXPECT_TRUE(text.contains("bulkhead_gateways{connection=\"connected\"} 2\n"));
    EXPECT_TRUE(text.contains("bulkhead_gateways{connection=\"disconnected\"} 1\n"));
    EXPECT_TRUE(text.contains("bulkhead_attestation{attestation=\"trusted\"} 6\n"));
    EXPECT_TRUE(text.contains("bulkhead_attestation_rounds_total 9\n"));
    const auto status = [&](auto&& edit) {
        auto changed = metrics;
        edit(changed);
        return api_.answer(changed).status;
    };
    EXPECT_EQ(status([](Request& r) { r.address = "192.0.2.7"; }), 401);
    EXPECT_EQ(status([](Request& r) { r.proxied = true; }), 401);
    EXPECT_EQ(status([](Request& r) { r.host = "127.0.0.1.evil.example"; }), 401);  // DNS rebinding
    EXPECT_EQ(status([](Request& r) { r.host = "[::1]:8080"; }), 200);
    EXPECT_EQ(status([](Request& r) { r.authorization = "Bearer session-vera"; }), 403);
}

TEST_F(ApiTest, every_answer_has_the_headers_that_keep_pages_apart) {
    for (const auto* path : {"/", "/api/v1/nothing", "/api/v1/session", "/healthz"}) {
        const auto response = api_.answer(request("GET", path));
        EXPECT_TRUE(header(response, "Content-Security-Policy").contains("frame-ancestors 'none'")) << path;
        EXPECT_TRUE(header(response, "Content-Security-Policy").contains("script-src 'self';")) << path;
        EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff") << path;
        EXPECT_FALSE(header(response, "Cache-Control").empty()) << path;
    }
}

TEST_F(ApiTest, a_body_beyond_its_routes_bound_is_413) {
    auto lock = request("POST", "/api/v1/gateways/gw-1/partitions/robot-cell/lock");
    lock.body = std::string(small_body + 1, ' ');
    EXPECT_EQ(api_.answer(lock).status, 413);
    EXPECT_EQ(api_.body_limit("PUT", "/api/v1/gateways/gw-1/desired"), large_body);
    EXPECT_EQ(api_.body_limit("GET", "/api/v1/gateways"), 0U);
    EXPECT_EQ(api_.body_limit("POST", "/nowhere"), 0U);
}

class AssetsTest : public testing::Test {
  protected:
    AssetsTest() {
        folder_ = testing::TempDir() + "bulkhead-assets-" + std::to_string(getpid());
        std::filesystem::create_directories(folder_ / "assets");
        write("index.html", "<!doctype html>");
        write("assets/index-BqK3_x0a.js", "script");
        write("favicon.svg", "<svg/>");
        std::filesystem::create_symlink("/etc/passwd", folder_ / "link.txt");
        assets_ = *Assets::open(folder_);
    }
    ~AssetsTest() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
    Response get(const std::string& path, const std::string& tag = {}) {
        return assets_.answer({.method = "GET", .path = path, .if_none_match = tag});
    }
    static std::string header(const Response& response, std::string_view name) {
        for (const auto& [key, value] : response.headers)
            if (key == name) return value;
        return {};
    }

    std::filesystem::path folder_;
    Assets assets_;
};

TEST_F(AssetsTest, files_have_their_types_and_hashed_names_never_expire) {
    EXPECT_EQ(get("/assets/index-BqK3_x0a.js").type, "text/javascript; charset=utf-8");
    EXPECT_EQ(header(get("/assets/index-BqK3_x0a.js"), "Cache-Control"),
              "public, max-age=31536000, immutable");
    EXPECT_EQ(get("/favicon.svg").type, "image/svg+xml");
    EXPECT_EQ(header(get("/favicon.svg"), "Cache-Control"), "no-cache");
}

TEST_F(AssetsTest, the_pages_own_routes_get_the_page_and_missing_scripts_do_not) {
    for (const auto* path : {"/", "/gateways/gw-1", "/../../etc/passwd", "/link.txt"})
        EXPECT_EQ(get(path).body, "<!doctype html>") << path;
    EXPECT_EQ(get("/assets/index-00000000.js").status, 404);
}

TEST_F(AssetsTest, what_the_browser_has_is_not_sent_again) {
    const auto tag = header(get("/"), "ETag");
    EXPECT_EQ(get("/", tag).status, 304);
    EXPECT_EQ(get("/", "\"other\"").status, 200);
}

TEST_F(AssetsTest, a_folder_without_a_page_is_refused) {
    EXPECT_FALSE(Assets::open(folder_ / "assets"));
    EXPECT_FALSE(Assets::open(folder_ / "none"));
    EXPECT_EQ(Assets().answer({.method = "GET", .path = "/"}).status, 404);
}

}  // namespace
}  // namespace bulkhead::console::http
