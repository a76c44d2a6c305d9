// Who may do what, as the tests see it: the program's own table is not asked.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "console/server/http/exchange.hpp"

namespace bulkhead::console::http {

inline constexpr int yes = 0, no = 403;
struct RightsLine {
    std::string route;
    int admin, operator_, vendor, auditor;  // yes, or the status of the refusal
};

inline const std::string gateway = "/api/v1/gateways/{gateway}";
inline const std::string partition = gateway + "/partitions/{partition}";

inline const std::vector<RightsLine> table = {
    {"GET /api/v1/session", yes, yes, yes, yes},
    {"GET /api/v1/gateways", yes, yes, yes, yes},
    {"GET /api/v1/partitions", yes, yes, yes, yes},
    {"GET /api/v1/events", yes, yes, yes, yes},
    {"GET /api/v1/stream", yes, yes, yes, yes},
    {"GET /api/v1/audit", yes, no, no, yes},
    {"GET " + gateway, yes, yes, yes, yes},
    {"GET " + gateway + "/partitions", yes, yes, yes, yes},
    {"GET " + gateway + "/devices", yes, yes, yes, yes},
    {"POST " + gateway + "/devices/{device}/test", yes, no, no, no},
    {"GET " + gateway + "/zones", yes, yes, yes, yes},
    {"GET " + gateway + "/conduits", yes, yes, yes, yes},
    {"GET " + gateway + "/routers", yes, yes, yes, yes},
    {"GET " + gateway + "/denials", yes, yes, yes, yes},
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
    {"POST /api/v1/users/{user}/reset", yes, no, no, no},
    {"DELETE /api/v1/users/{user}", yes, no, no, no},
    {"POST /api/v1/tokens", yes, no, no, no},
    {"GET /metrics", yes, yes, no, yes},
    {"POST /api/v1/session/password", yes, yes, yes, yes},
    {"DELETE " + gateway, yes, no, no, no},
    {"DELETE /api/v1/session", yes, yes, yes, yes}};  // last: it signs out

// No role has one open, so nobody finds it. serial_console_test has the rest.
inline const std::set<std::string> of_an_open_console = {"GET " + partition + "/console/{console}",
                                                         "POST " + partition + "/console/{console}",
                                                         "DELETE " + partition + "/console/{console}"};
inline const std::set<std::string> open_to_all = {"POST /api/v1/session", "GET /api/v1/openapi.json",
                                                  "GET /healthz"};

inline std::string filled(std::string path, const std::string& name, const std::string& value) {
    const auto at = path.find(name);
    return at == std::string::npos ? path : path.replace(at, name.size(), value);
}

inline Request request_of(const std::string& route, const std::string& user, const std::string& session) {
    const auto space = route.find(' ');
    Request request{.method = route.substr(0, space), .address = "192.0.2.7"};
    auto path = filled(route.substr(space + 1), "{gateway}", "gw-1");
    path = filled(filled(path, "{partition}", "robot-cell"), "{user}", "nina");
    request.path = filled(filled(path, "{console}", "00"), "{device}", "line-of-gw-1");
    if (!session.empty()) request.authorization = "Bearer " + session;
    if (route.ends_with("/password"))
        request.body = R"({"old_password":")" + user + R"(","new_password":"n"})";
    if (route.ends_with("/lock")) request.body = R"({"reason":"inspection"})";
    if (route == "POST /api/v1/users") request.body = R"({"name":"nina","role":"auditor"})";
    if (route.ends_with("/desired"))  // {"gateway":"gw-1"}
        request.body = R"({"payload":"eyJnYXRld2F5IjoiZ3ctMSJ9","payloadType":"x","signatures":[]})";
    return request;
}

}  // namespace bulkhead::console::http
