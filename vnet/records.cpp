#include "vnet/records.hpp"

#include <netinet/in.h>

#include "base/text.hpp"
#include "base/units.hpp"
#include "model/port_text.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet {
namespace {

Slot slot_of(const Network& network, const model::PortName& name) {
    const auto found = network.ports.find(name);
    return found == network.ports.end() ? 0 : found->second.slot;
}

}  // namespace

// "ZONE TENANT JSON", the first two being numbers.
Result<switch_port_record> encode(const PortRecord& record) {
    model::Port port = record.port;
    if (port.kind == model::PortKind::outside) port.prefixes.clear(), port.prefixes6.clear();
    const std::string text =
        std::to_string(record.zone) + " " + std::to_string(record.tenant) + " " + port_text(port);
    switch_port_record made{};
    if (text.size() >= sizeof made.text)
        return fail(Code::refused, "what is to be kept of a port is too long", port.name.str(),
                    "at most " + std::to_string(sizeof made.text - 1) + " bytes of record, this has " +
                        std::to_string(text.size()),
                    "shorten its names, or give its zone fewer networks");
    to_wire(port.name.str(), made.name);
    to_wire(text, made.text);
    return made;
}

Result<PortRecord> decode(const switch_port_record& record) {
    const std::string text = from_wire(record.text);
    const auto first = text.find(' ');
    const auto second = first == std::string::npos ? first : text.find(' ', first + 1);
    if (second == std::string::npos) return fail(Code::corrupt, "this is no port", printable(text, 80));
    BULKHEAD_TRY_ASSIGN(const auto zone, parse_number(text.substr(0, first), 0, SWITCH_ZONES - 1));
    BULKHEAD_TRY_ASSIGN(const auto tenant,
                        parse_number(text.substr(first + 1, second - first - 1), 0, SWITCH_TENANTS - 1));
    BULKHEAD_TRY_ASSIGN(auto port, model::parse_port_text(std::string_view(text).substr(second + 1)));
    return PortRecord{std::move(port), static_cast<std::uint16_t>(zone), static_cast<std::uint16_t>(tenant)};
}

std::optional<switch_rule_record> encode(const model::Rule& rule, const Network& network) {
    switch_rule_record record{};
    record.from = slot_of(network, rule.from);
    record.to = slot_of(network, rule.to);
    record.mirror = rule.mirror.empty() ? 0 : slot_of(network, rule.mirror);
    record.via = rule.via.empty() ? 0 : slot_of(network, rule.via);
    if (record.from == 0 || record.to == 0 || (record.mirror == 0) != rule.mirror.empty() ||
        (record.via == 0) != rule.via.empty())
        return std::nullopt;
    record.conduit = rule.conduit;
    record.port = rule.service.port;
    record.transport = static_cast<std::uint8_t>(rule.service.transport);
    record.rate = rule.rate;
    return record;
}

PortNames names_of(const Network& network) {
    PortNames names;
    for (const auto& [name, placed] : network.ports) names[placed.slot] = name;
    return names;
}

std::optional<model::Rule> decode(const switch_rule_record& record, const PortNames& names) {
    const auto from = names.find(record.from);
    const auto to = names.find(record.to);
    const auto mirror = names.find(record.mirror);
    const auto via = names.find(record.via);
    if (from == names.end() || to == names.end() || (record.mirror != 0 && mirror == names.end()) ||
        (record.via != 0 && via == names.end()))
        return std::nullopt;
    return model::Rule{from->second,
                       to->second,
                       {static_cast<model::Transport>(record.transport), record.port},
                       record.conduit,
                       record.rate,
                       record.mirror == 0 ? model::PortName() : mirror->second,
                       record.via == 0 ? model::PortName() : via->second};
}

}  // namespace bulkhead::vnet
