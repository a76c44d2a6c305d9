#include "model/router.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "model/json_value.hpp"

namespace bulkhead::model {
namespace {

using Json = nlohmann::json;

std::string text(const Json& from, const char* key) {
    return from.at(key).get<std::string>();
}
Ipv6 ipv6(const Json& from, const char* key) {
    return value(parse_ipv6(text(from, key)));
}
Ipv4 ipv4(const Json& from, const char* key) {
    return value(parse_ipv4(text(from, key)));
}
Mac mac(const Json& from) {
    return value(parse_mac(text(from, "mac")));
}
Service service(const Json& from) {
    return value(parse_service(text(from, "service")));
}

template <class T, class Write>
Json list(const std::vector<T>& items, Write write) {
    auto made = Json::array();
    for (const auto& each : items) made.push_back(write(each));
    return made;
}
template <class Read>
auto items(const Json& from, const char* key, Read read) {
    std::vector<decltype(read(from))> made;
    for (const auto& each : from.at(key)) made.push_back(read(each));
    return made;
}

Json json(const RouterLeg& leg) {
    Json made{{"port", leg.port.str()},
              {"zone", leg.zone.str()},
              {"mac", to_string(leg.mac)},
              {"address", to_string(leg.address)},
              {"subnet", to_string(leg.subnet)}};
    if (leg.subnet6) made["subnet6"] = to_string(*leg.subnet6);
    return made;
}
RouterLeg leg(const Json& from) {
    RouterLeg made{PortName(text(from, "port")),
                   ZoneName(text(from, "zone")),
                   mac(from),
                   ipv4(from, "address"),
                   value(parse_prefix(text(from, "subnet"))),
                   {}};
    if (from.contains("subnet6")) made.subnet6 = value(parse_prefix6(text(from, "subnet6")));
    return made;
}

Json json(const ProbeTarget& target) {
    return {{"service", to_string(target.service)}, {"address", to_string(target.address)}};
}
ProbeTarget target(const Json& from) {
    return {service(from), ipv4(from, "address")};
}

template <class Address>
Json address_json(const Address& address) {
    return {{"address", to_string(address.address)},
            {"network", to_string(address.network)},
            {"gateway", to_string(address.gateway)}};
}

Json json(const RouterUplink& uplink) {
    Json made{{"name", uplink.name.str()},
              {"leg", uplink.leg.str()},
              {"mac", to_string(uplink.mac)},
              {"card", uplink.card},
              {"vlan", uplink.vlan},
              {"priority", uplink.priority},
              {"ipv4", address_json(uplink.address)},
              {"targets", list(uplink.probe.targets, [](const auto& each) { return json(each); })},
              {"period_ms", uplink.probe.period.count()},
              {"failures", uplink.probe.failures}};
    if (uplink.address6) made["ipv6"] = address_json(*uplink.address6);
    return made;
}
RouterUplink uplink(const Json& from) {
    RouterUplink made{UplinkName(text(from, "name")), PortName(text(from, "leg")), mac(from),
                      text(from, "card")};
    made.vlan = from.at("vlan").get<unsigned>();
    made.priority = from.at("priority").get<unsigned>();
    const Json& address = from.at("ipv4");
    made.address = {ipv4(address, "address"), value(parse_prefix(text(address, "network"))),
                    ipv4(address, "gateway")};
    if (from.contains("ipv6")) {
        const Json& other = from.at("ipv6");
        made.address6 = {ipv6(other, "address"), value(parse_prefix6(text(other, "network"))),
                         ipv6(other, "gateway")};
    }
    made.probe.targets = items(from, "targets", target);
    made.probe.period = std::chrono::milliseconds(from.at("period_ms").get<std::int64_t>());
    made.probe.failures = from.at("failures").get<unsigned>();
    return made;
}

Json json(const Lease& lease) {
    return {{"zone", lease.zone.str()},
            {"mac", to_string(lease.mac)},
            {"address", to_string(lease.address)},
            {"host", lease.host}};
}
Lease lease(const Json& from) {
    return {ZoneName(text(from, "zone")), mac(from), ipv4(from, "address"), text(from, "host")};
}

template <class Address, class Prefix>
Json json(const FlowOf<Address, Prefix>& flow) {
    return {{"inside", to_string(flow.inside)},
            {"outside", list(flow.outside, [](const auto& each) { return to_string(each); })},
            {"service", to_string(flow.service)},
            {"outwards", flow.outwards}};
}
RoutedFlow flow(const Json& from) {
    return {
        ipv4(from, "inside"),
        items(from, "outside", [](const Json& each) { return value(parse_prefix(each.get<std::string>())); }),
        service(from), from.at("outwards").get<bool>()};
}
RoutedFlow6 flow6(const Json& from) {
    return {ipv6(from, "inside"),
            items(from, "outside",
                  [](const Json& each) { return value(parse_prefix6(each.get<std::string>())); }),
            service(from), from.at("outwards").get<bool>()};
}

Json json(const Forward& forward) {
    return {{"uplink", forward.uplink.str()},
            {"service", to_string(forward.service)},
            {"to", to_string(forward.to)},
            {"port", forward.port}};
}
Forward forward(const Json& from) {
    return {UplinkName(text(from, "uplink")), service(from), ipv4(from, "to"),
            from.at("port").get<std::uint16_t>()};
}

TenantRouter read_router(const Json& from) {
    TenantRouter router;
    router.tenant = TenantName(text(from, "tenant"));
    router.legs = items(from, "legs", leg);
    router.uplinks = items(from, "uplinks", uplink);
    router.leases = items(from, "leases", lease);
    router.flows = items(from, "flows", flow);
    router.flows6 = items(from, "flows6", flow6);
    router.forwards = items(from, "forwards", forward);
    router.names = from.at("names").get<std::vector<std::string>>();
    router.resolvers =
        items(from, "resolvers", [](const Json& each) { return value(parse_ipv4(each.get<std::string>())); });
    return router;
}

}  // namespace

std::string router_text(const TenantRouter& router) {
    const auto as_json = [](const auto& each) { return json(each); };
    return Json{{"tenant", router.tenant.str()},
                {"legs", list(router.legs, as_json)},
                {"uplinks", list(router.uplinks, as_json)},
                {"leases", list(router.leases, as_json)},
                {"flows", list(router.flows, as_json)},
                {"flows6", list(router.flows6, as_json)},
                {"forwards", list(router.forwards, as_json)},
                {"names", router.names},
                {"resolvers", list(router.resolvers, [](const auto& each) { return to_string(each); })}}
        .dump();
}

Result<TenantRouter> parse_router_text(std::string_view text) {
    try {
        return read_router(Json::parse(text));
    } catch (const Json::exception& error) {
        return fail(Code::corrupt, std::string("this is no router: ") + error.what(), printable(text, 120));
    } catch (const Malformed& error) {
        return fail(Code::corrupt, "this is no router: " + error.what, printable(text, 120));
    }
}

ConduitName names_conduit(const TenantName& tenant) {
    return ConduitName("names." + tenant.str());  // a conduit's own name is a label, without dots
}

}  // namespace bulkhead::model
