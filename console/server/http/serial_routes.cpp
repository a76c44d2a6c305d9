#include "console/server/http/body.hpp"
#include "console/server/http/json.hpp"
#include "console/server/http/routes.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::console::http {
namespace {

constexpr std::size_t most_typed = 4096;  // bytes at once

SerialConsoles::Place place_of(const Call& call) {
    return {call.name("gateway"), call.name("partition"), call.name("console")};
}

Response open(SerialConsoles& consoles, const Call& call) {
    const auto id = consoles.open(call.viewer, call.name("gateway"), call.name("partition"));
    return id ? answer({{"id", *id}}, 201) : refusal(id.error());
}

Response output(Fleet& fleet, SerialConsoles& consoles, const Call& call) {
    auto source = consoles.read(call.viewer, place_of(call), still_may(fleet, call, Right::use_serial));
    if (!source) return refusal(source.error());
    Response response;
    response.events = *std::move(source);
    return response;
}

Response type(SerialConsoles& consoles, const Call& call) {
    const auto body = Body::read(call.request.body, {"data"});
    if (!body) return refusal(body.error());
    const auto data = body->text("data", most_typed * 4 / 3 + 4);
    if (!data) return refusal(data.error());
    const auto bytes = crypto::from_base64(*data, "body.data");
    if (!bytes) return refusal(bytes.error());
    const auto typed = consoles.type(call.viewer, place_of(call), *bytes);
    return typed ? no_content() : refusal(typed.error());
}

Response close(SerialConsoles& consoles, const Call& call) {
    const auto closed = consoles.close(call.viewer, place_of(call));
    return closed ? no_content() : refusal(closed.error());
}

}  // namespace

std::vector<Route> serial_routes(Fleet& fleet, SerialConsoles& consoles) {
    const std::string base = "/api/v1/gateways/{gateway}/partitions/{partition}/console";
    return {{"POST", base, [&](const Call& call) { return open(consoles, call); }},
            {"GET", base + "/{console}", [&](const Call& call) { return output(fleet, consoles, call); }},
            {"POST", base + "/{console}", [&](const Call& call) { return type(consoles, call); }},
            {"DELETE", base + "/{console}", [&](const Call& call) { return close(consoles, call); }}};
}

}  // namespace bulkhead::console::http
