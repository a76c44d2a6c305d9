#include "model/port_text.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "model/json_value.hpp"

namespace bulkhead::model {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 7> kinds{"tap",     "wire",   "host", "router",
                                                "outside", "mirror", "guard"};

std::string text_or_none(const Json& from, const char* key) {
    return from.value(key, std::string());
}

template <class Prefix>
void put_prefixes(Json& made, const char* key, const std::vector<Prefix>& prefixes) {
    for (const auto& prefix : prefixes) made[key].push_back(to_string(prefix));
}

PortKind kind_of(const std::string& word) {
    const auto found = std::ranges::find(kinds, word);
    if (found == kinds.end()) throw Malformed{"a port of kind '" + word + "'"};
    return static_cast<PortKind>(found - kinds.begin());
}

Port read_port(const Json& from) {
    Port port{PortName(from.at("name").get<std::string>()),
              PartitionName(text_or_none(from, "partition")),
              from.value("index", 0U),
              ZoneName(text_or_none(from, "zone")),
              value(parse_mac(from.at("mac").get<std::string>())),
              value(parse_ipv4(from.at("address").get<std::string>()))};
    port.kind = kind_of(from.value("kind", std::string(kinds.front())));
    port.tenant = TenantName(text_or_none(from, "tenant"));
    if (from.contains("address6")) port.address6 = value(parse_ipv6(text_or_none(from, "address6")));
    port.wire = PortName(text_or_none(from, "wire"));
    port.vlan = from.value("vlan", 0U);
    for (const auto& each : from.value("prefixes", Json::array()))
        port.prefixes.push_back(value(parse_prefix(each.get<std::string>())));
    for (const auto& each : from.value("prefixes6", Json::array()))
        port.prefixes6.push_back(value(parse_prefix6(each.get<std::string>())));
    port.dhcp = from.value("dhcp", false);
    port.rate = from.value("rate", std::uint64_t{0});
    port.connections = from.value("connections", 0U);
    return port;
}

}  // namespace

std::string_view to_string(PortKind kind) {
    return kinds.at(static_cast<std::size_t>(kind));
}

std::string port_text(const Port& port) {
    Json made{
        {"name", port.name.str()}, {"mac", to_string(port.mac)},        {"address", to_string(port.address)},
        {"index", port.index},     {"partition", port.partition.str()}, {"zone", port.zone.str()}};
    if (port.kind != PortKind::tap) made["kind"] = to_string(port.kind);
    if (!port.tenant.empty()) made["tenant"] = port.tenant.str();
    if (port.address6) made["address6"] = to_string(*port.address6);
    if (!port.wire.empty()) made["wire"] = port.wire.str();
    if (port.vlan != 0) made["vlan"] = port.vlan;
    put_prefixes(made, "prefixes", port.prefixes);
    put_prefixes(made, "prefixes6", port.prefixes6);
    if (port.dhcp) made["dhcp"] = true;
    if (port.rate != 0) made["rate"] = port.rate;
    if (port.connections != 0) made["connections"] = port.connections;
    return made.dump();
}

Result<Port> parse_port_text(std::string_view text) {
    try {
        return read_port(Json::parse(text));
    } catch (const Json::exception& error) {
        return fail(Code::corrupt, std::string("this is no port: ") + error.what(), printable(text, 120));
    } catch (const Malformed& error) {
        return fail(Code::corrupt, "this is no port: " + error.what, printable(text, 120));
    }
}

}  // namespace bulkhead::model
