#include <memory>

#include "console/server/http/body.hpp"
#include "console/server/http/json.hpp"
#include "console/server/http/routes.hpp"

namespace bulkhead::console::http {
namespace {

constexpr std::size_t longest_password = 1024;
constexpr int most_sign_ins = 8;  // at once: hashing is slow on purpose, and must not take all threads

Json session_json(const Viewer& viewer) {
    Json rights = Json::array();
    for (const auto right : rights_of(viewer.role)) rights.push_back(to_string(right));
    return {{"user", viewer.user},
            {"role", to_string(viewer.role)},
            {"tenant", viewer.tenant},
            {"rights", std::move(rights)}};
}

// Path: nothing but the API needs it. No Max-Age: it goes with the browser; the server's own limit is in
// Fleet.
std::string cookie_text(const std::string& secret, bool secure) {
    return std::string(session_cookie) + "=" + secret + "; Path=/api/v1; HttpOnly; SameSite=Strict" +
           (secure ? "; Secure" : "") + (secret.empty() ? "; Max-Age=0" : "");
}

Response sign_in(Fleet& fleet, const Call& call) {
    const auto body = Body::read(call.request.body, {"user", "password"});
    if (!body) return refusal(body.error());
    const auto user = body->text("user", longest_name);
    if (!user) return refusal(user.error());
    const auto password = body->text("password", longest_password);
    if (!password) return refusal(password.error());
    const auto signed_in = fleet.sign_in(*user, *password, call.request.address);
    if (!signed_in)
        return signed_in.error().code == Code::refused ? refusal(401, signed_in.error())
                                                       : refusal(signed_in.error());
    Json json = session_json(signed_in->viewer);
    json["session"] = signed_in->session;
    json["expires"] = signed_in->expires;
    auto response = answer(json);
    response.headers.emplace_back("Set-Cookie", cookie_text(signed_in->session, call.request.secure));
    return response;
}

Response sign_out(Fleet& fleet, const Call& call) {
    fleet.sign_out(call.session);
    auto response = no_content();
    response.headers.emplace_back("Set-Cookie", cookie_text({}, call.request.secure));
    return response;
}

Response change_password(Fleet& fleet, const Call& call) {
    const auto body = Body::read(call.request.body, {"old_password", "new_password"});
    if (!body) return refusal(body.error());
    const auto before = body->text("old_password", longest_password);
    if (!before) return refusal(before.error());
    const auto after = body->text("new_password", longest_password);
    if (!after) return refusal(after.error());
    const auto changed = fleet.change_password(call.viewer, *before, *after);
    return changed ? no_content() : refusal(changed.error());
}

// One that hashes at a time, of a few.
Response bounded(std::atomic<int>& busy, const std::function<Response()>& work) {
    struct Place {
        std::atomic<int>& count;
        const bool granted = ++count <= most_sign_ins;
        ~Place() { --count; }
    } const place{busy};
    if (place.granted) return work();
    auto response =
        refusal(Error{Code::unavailable, "too many sign-ins at once", "session", "", "try again"});
    response.headers.emplace_back("Retry-After", "2");
    return response;
}

}  // namespace

std::function<bool()> still_may(Fleet& fleet, const Call& call, Right right) {
    return [&fleet, session = call.session, right] {
        const auto viewer = fleet.viewer_of(session);
        return viewer && viewer->may(right);
    };
}

std::vector<Route> session_routes(Fleet& fleet) {
    const std::string path = "/api/v1/session";
    const auto busy = std::make_shared<std::atomic<int>>(0);  // of both routes that hash
    return {
        {"POST", path,
         [&fleet, busy](const Call& call) { return bounded(*busy, [&] { return sign_in(fleet, call); }); },
         Access::open},
        {"GET", path, [](const Call& call) { return answer(session_json(call.viewer)); }},
        {"DELETE", path, [&fleet](const Call& call) { return sign_out(fleet, call); }},
        {"POST", path + "/password", [&fleet, busy](const Call& call) {
             return bounded(*busy, [&] { return change_password(fleet, call); });
         }}};
}

}  // namespace bulkhead::console::http
