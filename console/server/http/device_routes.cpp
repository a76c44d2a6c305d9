#include "console/server/http/asked.hpp"
#include "console/server/http/body.hpp"
#include "console/server/http/json.hpp"
#include "console/server/http/routes.hpp"

namespace bulkhead::console::http {
namespace {

constexpr std::uint64_t most_test_bytes = 4096;

Response test(Fleet& fleet, Streams& streams, const Call& call, std::chrono::milliseconds patience) {
    const auto body = Body::read(call.request.body, {"bytes"});
    if (!body) return refusal(body.error());
    const auto bytes = body->number("bytes", 1, most_test_bytes, 0);  // 0: the gateway's usual
    if (!bytes) return refusal(bytes.error());
    api::TestDeviceRequest request;
    request.set_gateway(call.name("gateway"));
    request.set_device(call.name("device"));
    request.set_bytes(static_cast<std::uint32_t>(*bytes));
    const auto messages =
        ask(fleet, streams, call.viewer,
            {call.name("gateway"), {}, "TestDevice", request.SerializeAsString()}, patience);
    if (!messages) return refusal(messages.error());
    api::DeviceTest tested;
    if (messages->size() != 1 || !tested.ParseFromString(messages->front()))
        return refusal(
            Error{Code::corrupt, "the gateway answered with no test", call.name("gateway"), "", ""});
    return answer(to_json(tested));
}

}  // namespace

std::vector<Route> device_routes(Fleet& fleet, Streams& streams, std::chrono::milliseconds patience) {
    return {
        {"POST", "/api/v1/gateways/{gateway}/devices/{device}/test",
         [&fleet, &streams, patience](const Call& call) { return test(fleet, streams, call, patience); }}};
}

}  // namespace bulkhead::console::http
