#include "base/text.hpp"
#include "console/server/http/body.hpp"
#include "console/server/http/json.hpp"
#include "console/server/http/query.hpp"
#include "console/server/http/routes.hpp"

namespace bulkhead::console::http {
namespace {

Response audit(Fleet& fleet, const Call& call) {
    const auto asked = window(call.request.query);
    if (!asked) return refusal(asked.error());
    const auto rows = fleet.audit(call.viewer, asked->before, asked->limit);
    if (!rows) return refusal(rows.error());
    Json items = Json::array();
    for (const auto& row : *rows)
        items.push_back({{"id", row.id},
                         {"time", row.time},
                         {"actor", row.actor},
                         {"tenant", row.tenant},
                         {"action", row.action},
                         {"subject", row.subject},
                         {"detail", row.detail}});
    const bool more = rows->size() == asked->limit;
    return answer({{"items", std::move(items)}, {"next", more ? std::to_string(rows->back().id) : ""}});
}

Response users(Fleet& fleet, const Call& call) {
    const auto list = fleet.users(call.viewer);
    if (!list) return refusal(list.error());
    Json items = Json::array();
    for (const auto& user : *list)
        items.push_back({{"name", user.name},
                         {"role", to_string(user.role)},
                         {"tenant", user.tenant},
                         {"created", user.created},
                         {"last_sign_in", user.last_sign_in}});
    return answer({{"items", std::move(items)}, {"next", ""}, {"total", list->size()}});
}

Response add_user(Fleet& fleet, const Call& call) {
    const auto body = Body::read(call.request.body, {"name", "role", "tenant"});
    if (!body) return refusal(body.error());
    User user;
    auto name = body->text("name", longest_name);
    if (!name) return refusal(name.error());
    const auto role_text = body->text("role", longest_name);
    if (!role_text) return refusal(role_text.error());
    const auto role = role_named(*role_text);
    if (!role)
        return refusal(Error{Code::invalid, "there is no role '" + printable(*role_text, 64) + "'",
                             "body.role", "it-admin, ot-operator, vendor or auditor", ""});
    auto tenant = body->optional_text("tenant", longest_name);
    if (!tenant) return refusal(tenant.error());
    user.name = *std::move(name);
    user.role = *role;
    user.tenant = *std::move(tenant);
    const auto password = fleet.add_user(call.viewer, user);
    if (!password) return refusal(password.error());
    return answer({{"name", user.name}, {"password", *password}}, 201);
}

Response reset_user(Fleet& fleet, const Call& call) {
    const auto password = fleet.reset_password(call.viewer, call.name("user"));
    if (!password) return refusal(password.error());
    return answer({{"name", call.name("user")}, {"password", *password}});
}

Response remove_user(Fleet& fleet, const Call& call) {
    const auto removed = fleet.remove_user(call.viewer, call.name("user"));
    return removed ? no_content() : refusal(removed.error());
}

Response create_token(Fleet& fleet, const Call& call) {
    const auto body = Body::read(call.request.body, {"lifetime_seconds"});
    if (!body) return refusal(body.error());
    constexpr std::uint64_t minute = 60, hour = 3600, week = 604800;
    const auto lifetime = body->number("lifetime_seconds", minute, week, hour);
    if (!lifetime) return refusal(lifetime.error());
    const auto token = fleet.create_token(call.viewer, std::chrono::seconds(*lifetime));
    if (!token) return refusal(token.error());
    return answer({{"join", token->join}, {"expires", token->expires}}, 201);
}

Response set_desired(Fleet& fleet, const Call& call) {
    // Who may not is told so, before anything is said of what was sent.
    if (call.viewer.may(Right::set_desired)) {
        const auto named = gateway_of_envelope(call.request.body);
        if (!named) return refusal(named.error());
        if (*named != call.name("gateway"))
            return refusal(Error{Code::invalid,
                                 "this is the desired state of '" + printable(*named, 64) + "'",
                                 "body.payload.gateway", call.name("gateway"),
                                 "send it to the gateway that it was signed for"});
    }
    const auto generation = fleet.set_desired(call.viewer, call.request.body);
    return generation ? answer({{"generation", *generation}}) : refusal(generation.error());
}

Response remove_gateway(Fleet& fleet, const Call& call) {
    const auto removed = fleet.remove_gateway(call.viewer, call.name("gateway"));
    return removed ? no_content() : refusal(removed.error());
}

}  // namespace

std::vector<Route> admin_routes(Fleet& fleet) {
    const auto with = [&fleet](Response (*handler)(Fleet&, const Call&)) {
        return [&fleet, handler](const Call& call) { return handler(fleet, call); };
    };
    const std::string v1 = "/api/v1";
    return {{"GET", v1 + "/audit", with(audit)},
            {"GET", v1 + "/users", with(users)},
            {"POST", v1 + "/users", with(add_user)},
            {"DELETE", v1 + "/users/{user}", with(remove_user)},
            {"POST", v1 + "/users/{user}/reset", with(reset_user)},
            {"POST", v1 + "/tokens", with(create_token)},
            {"PUT", v1 + "/gateways/{gateway}/desired", with(set_desired), Access::signed_in, large_body},
            {"DELETE", v1 + "/gateways/{gateway}", with(remove_gateway)}};
}

}  // namespace bulkhead::console::http
