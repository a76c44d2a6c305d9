#include "console/server/http/json.hpp"
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
    response.body = metrics_text(*counts);
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

struct Sample {
    std::string_view labels;
    std::uint64_t value;
};

void write(std::string& text, std::string_view name, std::string_view type, std::string_view help,
           std::initializer_list<Sample> samples) {
    const std::string own(name);
    text += "# HELP " + own + " " + std::string(help) + "\n# TYPE " + own + " " + std::string(type) + "\n";
    for (const auto& sample : samples) {
        text += own;
        if (!sample.labels.empty()) text += "{" + std::string(sample.labels) + "}";
        text += " " + std::to_string(sample.value) + "\n";
    }
}

std::uint64_t rest(std::uint64_t all, std::uint64_t part) {
    return all > part ? all - part : 0;
}

}  // namespace

std::string metrics_text(const Fleet::Counts& counts) {
    std::string text;
    write(text, "bulkhead_gateways", "gauge", "Enrolled gateways by connection.",
          {{R"(connection="connected")", counts.connected},
           {R"(connection="disconnected")", rest(counts.gateways, counts.connected)}});
    write(text, "bulkhead_partitions", "gauge", "Partitions of all gateways by health.",
          {{R"(health="ok")", counts.partitions_ok},
           {R"(health="not_ok")", rest(counts.partitions, counts.partitions_ok)}});
    write(text, "bulkhead_attestation", "gauge", "Hosts and partitions by what was proved of them.",
          {{R"(attestation="trusted")", counts.trusted},
           {R"(attestation="untrusted")", counts.untrusted},
           {R"(attestation="stale")", counts.stale},
           {R"(attestation="unknown")", counts.unknown}});
    write(text, "bulkhead_attestation_rounds_total", "counter", "Attestation rounds that were judged.",
          {{"", counts.rounds}});
    write(text, "bulkhead_events_total", "counter", "Events that gateways have delivered.",
          {{"", counts.events}});
    write(text, "bulkhead_events_dropped_total", "counter", "Events that a gateway's spool could not keep.",
          {{"", counts.events_dropped}});
    write(text, "bulkhead_sessions", "gauge", "Sessions of people and scripts.", {{"", counts.sessions}});
    return text;
}

std::vector<Route> service_routes(Fleet& fleet) {
    return {
        {"GET", "/api/v1/openapi.json", openapi, Access::open},
        {"GET", "/healthz", healthy, Access::open},
        {"GET", "/metrics", [&fleet](const Call& call) { return metrics(fleet, call); }, Access::own_host}};
}

}  // namespace bulkhead::console::http
