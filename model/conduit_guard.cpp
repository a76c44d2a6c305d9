#include "model/conduit_guard.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "model/json_value.hpp"

namespace bulkhead::model {
namespace {

using Json = nlohmann::json;

template <class Address>
Json json(const std::set<GuardedWay<Address>>& ways) {
    auto made = Json::array();
    for (const auto& each : ways)
        made.push_back(
            {{"client", to_string(each.client)}, {"server", to_string(each.server)}, {"port", each.port}});
    return made;
}

Json json(const GuardedConduit& conduit) {
    return {{"conduit", conduit.conduit.str()},
            {"ways", json(conduit.ways)},
            {"ways6", json(conduit.ways6)},
            {"guard", to_string(conduit.guard)}};
}

template <class Address, class Parse>
std::set<GuardedWay<Address>> ways(const Json& from, Parse parse) {
    std::set<GuardedWay<Address>> read;
    for (const auto& each : from)
        read.insert({value(parse(each.at("client").get<std::string>())),
                     value(parse(each.at("server").get<std::string>())),
                     each.at("port").get<std::uint16_t>()});
    return read;
}

GuardedConduit conduit(const Json& from) {
    return {ConduitName(from.at("conduit").get<std::string>()),
            ways<Ipv4>(from.at("ways"), [](const std::string& text) { return parse_ipv4(text); }),
            ways<Ipv6>(from.at("ways6"), [](const std::string& text) { return parse_ipv6(text); }),
            value(parse_modbus_guard(from.at("guard").get<std::string>()))};
}

TenantGuard read_guard(const Json& from) {
    TenantGuard guard{TenantName(from.at("tenant").get<std::string>()),
                      PortName(from.at("leg").get<std::string>()),
                      value(parse_mac(from.at("mac").get<std::string>())),
                      {}};
    for (const auto& each : from.at("conduits")) guard.conduits.push_back(conduit(each));
    return guard;
}

}  // namespace

std::string guard_text(const TenantGuard& guard) {
    auto conduits = Json::array();
    for (const auto& each : guard.conduits) conduits.push_back(json(each));
    return Json{{"tenant", guard.tenant.str()},
                {"leg", guard.leg.str()},
                {"mac", to_string(guard.mac)},
                {"conduits", conduits}}
        .dump();
}

Result<TenantGuard> parse_guard_text(std::string_view text) {
    try {
        return read_guard(Json::parse(text));
    } catch (const Json::exception& error) {
        return fail(Code::corrupt, std::string("not what a guard is told: ") + error.what());
    } catch (const Malformed& error) {
        return fail(Code::corrupt, "not what a guard is told: " + error.what);
    }
}

}  // namespace bulkhead::model
