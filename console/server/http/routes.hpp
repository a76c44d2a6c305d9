// The handlers, by subject: each unpacks, asks the fleet, answers.
#pragma once

#include <atomic>
#include <chrono>
#include <vector>

#include "console/server/fleet.hpp"
#include "console/server/http/router.hpp"
#include "console/server/http/serial_consoles.hpp"
#include "console/server/http/streams.hpp"

namespace bulkhead::console::http {

inline constexpr std::string_view session_cookie = "bulkhead_session";

std::vector<Route> session_routes(Fleet& fleet);
std::vector<Route> fleet_routes(Fleet& fleet, Streams& streams);
std::vector<Route> partition_routes(Fleet& fleet, Streams& streams, std::chrono::milliseconds patience);
std::vector<Route> device_routes(Fleet& fleet, Streams& streams, std::chrono::milliseconds patience);
std::vector<Route> serial_routes(Fleet& fleet, SerialConsoles& consoles);
std::vector<Route> admin_routes(Fleet& fleet);
std::vector<Route> service_routes(Fleet& fleet);

// Whether the session still is, and still has this right: asked again while a stream runs.
std::function<bool()> still_may(Fleet& fleet, const Call& call, Right right);

// The OpenAPI document as JSON (made of console/api/openapi.yaml by the build).
std::string_view openapi_document();

}  // namespace bulkhead::console::http
