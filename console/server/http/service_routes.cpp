#include "console/server/http/json.hpp"
#include "console/server/http/metrics.hpp"
#include "console/server/http/routes.hpp"

namespace bulkhead::console::http {
namespace {

Response metrics(Fleet& fleet, const Call& call) {
    // The figures are the whole fleet's; a vendor's viewer sees its tenant alone.
    if (!call.session.empty() && (!call.viewer.may(Right::see) || !call.viewer.tenant.empty()))
        return refusal(Error{Code::refused, "the metrics are of all tenants", "metrics",
                             "an account without a tenant", ""});
    const auto counts = fleet.counts();
    if (!counts) return refusal(counts.error());
    Response response;
    response.type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = metrics_text(*counts) + switch_metrics_text(fleet, *counts);
    return response;
}

Response healthy(const Call& /*call*/) {
    Response response;
    response.type = "text/plain; charset=utf-8";
    response.body = "ok\n";
    return response;
}

Response openapi(const Call& /*call*/) {
    Response response;
    response.body = std::string(openapi_document());
    return response;
}

}  // namespace

std::vector<Route> service_routes(Fleet& fleet) {
    return {
        {"GET", "/api/v1/openapi.json", openapi, Access::open},
        {"GET", "/healthz", healthy, Access::open},
        {"GET", "/metrics", [&fleet](const Call& call) { return metrics(fleet, call); }, Access::own_host}};
}

}  // namespace bulkhead::console::http
