#include "console/server/http/api.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "console/server/http/json.hpp"
#include "console/server/http/origin.hpp"
#include "console/server/http/routes.hpp"

namespace bulkhead::console::http {
namespace {

std::vector<Route> all_routes(Fleet& fleet, Streams& streams, SerialConsoles& consoles,
                              const ApiLimits& limits) {
    std::vector<Route> all;
    for (auto&& some :
         {session_routes(fleet), fleet_routes(fleet, streams),
          partition_routes(fleet, streams, limits.operation), device_routes(fleet, streams, limits.operation),
          serial_routes(fleet, consoles), admin_routes(fleet), service_routes(fleet)})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

bool is_of_api(std::string_view path) {
    return path == "/api" || path.starts_with("/api/");
}
bool changes_something(std::string_view method) {
    return method != "GET" && method != "HEAD";
}

Response not_signed_in() {
    auto response = refusal(
        401, Error{Code::refused, "you are not signed in", "session", "a session", "POST /api/v1/session"});
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace

Api::Api(Fleet& fleet, Assets assets, const ApiLimits& limits)
    : fleet_(fleet),
      assets_(std::move(assets)),
      streams_(limits.streams, limits.streams_of_a_user, limits.beat),
      consoles_(fleet, streams_, limits.unread),
      router_(all_routes(fleet, streams_, consoles_, limits)) {
}

std::size_t Api::body_limit(std::string_view method, std::string_view path) const {
    const auto found = router_.find(method, path);
    const auto* route = std::get_if<Router::Found>(&found);
    return route && changes_something(method) ? route->route->body_limit : 0;
}

Response Api::answer(const Request& request) {
    auto response = routed(request);
    const auto add = [&](std::string name, std::string value) {
        const bool there =
            std::ranges::any_of(response.headers, [&](const auto& header) { return header.first == name; });
        if (!there) response.headers.emplace_back(std::move(name), std::move(value));
    };
    for (auto& [name, value] : security_headers()) add(name, value);
    add("Cache-Control", "no-store");
    if (response.events) response.type = "text/event-stream";
    return response;
}

Response Api::routed(const Request& request) {
    auto found = router_.find(request.method, request.path);
    if (auto* route = std::get_if<Router::Found>(&found)) return dispatched(request, std::move(*route));
    if (const auto* wrong = std::get_if<Router::WrongMethod>(&found)) {
        auto response = refusal(405, Error{Code::invalid, "no " + printable(request.method, 16) + " here",
                                           printable(request.path, 256), wrong->allowed, ""});
        response.headers.emplace_back("Allow", wrong->allowed);
        return response;
    }
    if (is_of_api(request.path))
        return refusal(Error{Code::not_found, "there is no such resource", printable(request.path, 256), "",
                             "GET /api/v1/openapi.json describes them all"});
    if (changes_something(request.method))
        return refusal(405, Error{Code::invalid, "no " + printable(request.method, 16) + " here",
                                  printable(request.path, 256), "GET", ""});
    return assets_.answer(request);
}

Response Api::dispatched(const Request& request, Router::Found found) {
    const auto& route = *found.route;
    const auto secret = session_secret(request);
    if (changes_something(request.method) && !secret.bearer)
        if (const auto own = own_pages(request); !own) return refusal(own.error());
    if (request.body.size() > route.body_limit)
        return refusal(413, Error{Code::invalid, "the body is too large", "body",
                                  std::to_string(route.body_limit) + " bytes at most", ""});
    Call call{.request = request, .names = std::move(found.names), .session = {}, .viewer = {}};
    const bool needless = route.access == Access::open ||
                          (route.access == Access::own_host && secret.text.empty() && from_own_host(request));
    if (!needless) {
        if (secret.text.empty()) return not_signed_in();
        auto viewer = fleet_.viewer_of(secret.text);
        if (!viewer)
            return viewer.error().code == Code::refused || viewer.error().code == Code::not_found
                       ? not_signed_in()
                       : refusal(viewer.error());
        call.session = secret.text;
        call.viewer = *std::move(viewer);
    }
    return route.handle(call);
}

}  // namespace bulkhead::console::http
