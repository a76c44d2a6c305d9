#include <functional>

#include "console/server/http/json.hpp"
#include "console/server/http/query.hpp"
#include "console/server/http/routes.hpp"

namespace bulkhead::console::http {
namespace {

// A page that is the first and the last says how many there are.
template <class List>
Response page(const Answer<List>& list, bool first) {
    if (!list) return refusal(list.error());
    Json json = to_json(*list);
    if constexpr (!requires { list->total(); })
        if (first && list->next().empty()) json["total"] = list->items_size();
    return answer(json);
}

template <class List>
using Lister = Answer<List> (Fleet::*)(const Viewer&, const api::ListRequest&);

template <class List>
Route list_route(Fleet& fleet, const std::string& path, Lister<List> lister) {
    return {"GET", path, [&fleet, lister](const Call& call) {
                auto request = list_request(call.request.query);
                if (!request) return refusal(request.error());
                return page((fleet.*lister)(call.viewer, *request), request->page_token().empty());
            }};
}

// All of one gateway. A gateway that does not exist is refused, where an empty list would say too little.
template <class List>
Route gateway_list_route(Fleet& fleet, const std::string& path, Lister<List> lister) {
    return {"GET", path, [&fleet, lister](const Call& call) {
                const auto none = no_query(call.request.query);
                if (!none) return refusal(none.error());
                const auto known = fleet.status(call.viewer, call.name("gateway"));
                if (!known) return refusal(known.error());
                api::ListRequest request;
                request.set_gateway(call.name("gateway"));
                request.set_page_size(1000);
                return page((fleet.*lister)(call.viewer, request), true);
            }};
}

Response events(Fleet& fleet, const Call& call) {
    auto request = events_request(call.request.query);
    if (!request) return refusal(request.error());
    if (call.names.contains("gateway")) request->set_gateway(call.name("gateway"));
    const auto list = fleet.events(call.viewer, *request);
    return list ? answer(to_json(*list)) : refusal(list.error());
}

Response one_gateway(Fleet& fleet, const Call& call) {
    const auto& name = call.name("gateway");
    api::ListRequest request;
    request.set_name(name);
    const auto list = fleet.gateways(call.viewer, request);
    if (!list) return refusal(list.error());
    for (const auto& gateway : list->items()) {
        if (gateway.name() != name) continue;
        const auto status = fleet.status(call.viewer, name);
        if (!status) return refusal(status.error());
        return answer({{"gateway", to_json(gateway)}, {"status", to_json(*status)}});
    }
    return refusal(Error{Code::not_found, "there is no gateway '" + name + "'", "gateway", "",
                         "GET /api/v1/gateways lists them"});
}

Response one_partition(Fleet& fleet, const Call& call) {
    const auto& gateway = call.name("gateway");
    const auto& name = call.name("partition");
    api::ListRequest request;
    request.set_gateway(gateway);
    request.set_name(name);
    const auto list = fleet.partitions(call.viewer, request);
    if (!list) return refusal(list.error());
    for (const auto& partition : list->items())
        if (partition.name() == name && partition.gateway() == gateway) return answer(to_json(partition));
    return refusal(Error{Code::not_found, "there is no partition '" + name + "' on '" + gateway + "'",
                         "partition", "", "GET /api/v1/partitions lists them"});
}

Response attestation(Fleet& fleet, const Call& call) {
    const auto partition = call.names.contains("partition") ? call.name("partition") : std::string{};
    const auto view = fleet.attestation(call.viewer, call.name("gateway"), partition);
    return view ? answer(to_json(*view)) : refusal(view.error());
}

Response history(Fleet& fleet, const Call& call) {
    const auto asked = window(call.request.query);
    if (!asked) return refusal(asked.error());
    const auto partition = call.names.contains("partition") ? call.name("partition") : std::string{};
    const auto points = fleet.history(call.viewer, call.name("gateway"), partition, asked->limit);
    if (!points) return refusal(points.error());
    Json items = Json::array();
    for (const auto& point : *points)
        items.push_back(
            {{"time", point.time}, {"kind", point.kind}, {"value", point.value}, {"reason", point.reason}});
    return answer({{"items", std::move(items)}, {"next", ""}});
}

std::string change_text(const Change& change) {
    return event_text(
        "change",
        text_of({{"gateway", change.gateway}, {"partition", change.partition}, {"kind", change.kind}}));
}

Response changes(Fleet& fleet, Streams& streams, const Call& call) {
    constexpr std::size_t most_events = 256, most_bytes = std::size_t{256} * 1024;
    const auto feed = std::make_shared<Feed>(most_events, most_bytes, [](std::uint64_t, std::uint64_t) {
        return change_text({.gateway = {}, .partition = {}, .kind = "all"});
    });
    feed->push(event_text("hello", "{}"));
    auto watch =
        fleet.watch(call.viewer, [feed](const Change& change) { feed->push_once(change_text(change)); });
    auto source =
        streams.open({call.viewer.user, feed, std::move(watch), still_may(fleet, call, Right::see)});
    if (!source) return refusal(source.error());
    Response response;
    response.events = *std::move(source);
    return response;
}

}  // namespace

std::vector<Route> fleet_routes(Fleet& fleet, Streams& streams) {
    const auto with = [&fleet](Response (*handler)(Fleet&, const Call&)) {
        return [&fleet, handler](const Call& call) { return handler(fleet, call); };
    };
    const std::string v1 = "/api/v1", gateway = v1 + "/gateways/{gateway}";
    const std::string partition = gateway + "/partitions/{partition}";
    return {list_route(fleet, v1 + "/gateways", &Fleet::gateways),
            list_route(fleet, v1 + "/partitions", &Fleet::partitions),
            {"GET", v1 + "/events", with(events)},
            {"GET", v1 + "/stream", [&](const Call& call) { return changes(fleet, streams, call); }},
            {"GET", gateway, with(one_gateway)},
            gateway_list_route(fleet, gateway + "/partitions", &Fleet::partitions),
            gateway_list_route(fleet, gateway + "/devices", &Fleet::devices),
            gateway_list_route(fleet, gateway + "/zones", &Fleet::zones),
            gateway_list_route(fleet, gateway + "/conduits", &Fleet::conduits),
            gateway_list_route(fleet, gateway + "/routers", &Fleet::routers),
            gateway_list_route(fleet, gateway + "/denials", &Fleet::denials),
            {"GET", gateway + "/events", with(events)},
            {"GET", gateway + "/history", with(history)},
            {"GET", gateway + "/attestation", with(attestation)},
            {"GET", partition, with(one_partition)},
            {"GET", partition + "/history", with(history)},
            {"GET", partition + "/attestation", with(attestation)}};
}

}  // namespace bulkhead::console::http
