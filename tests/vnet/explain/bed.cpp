#include "tests/vnet/explain/bed.hpp"

#include <gtest/gtest.h>

#include "vnet/explain/judge.hpp"

namespace bulkhead::vnet::test {
namespace {

using model::PortKind;

model::Port& add(Network& network, const std::string& name, PortKind kind, const std::string& zone,
                 const std::string& address) {
    const auto slot = static_cast<Slot>(network.ports.size() + 1);
    PlacedPort& placed = network.ports[model::PortName(name)];
    placed.slot = slot;
    placed.port.name = model::PortName(name);
    placed.port.kind = kind;
    placed.port.zone = model::ZoneName(zone);
    placed.port.tenant = model::TenantName("tenant");
    placed.port.mac = model::Mac{{2, 0, 0, 0, 0, static_cast<std::uint8_t>(slot)}};
    if (!address.empty()) placed.port.address = *model::parse_ipv4(address);
    return placed.port;
}

}  // namespace

Bed::Bed() {
    network.tenants[model::TenantName("tenant")] = 1;
    for (const auto& [name, number] : {std::pair("cell", 1), {"office", 2}, {"field", 3}})
        network.zones[model::ZoneName(name)] = static_cast<std::uint16_t>(number);
    add(network, "robot", PortKind::tap, "cell", "10.1.0.10").address6 = *model::parse_ipv6("fd00:1::10");
    add(network, "press", PortKind::tap, "cell", "10.1.0.11").address6 = *model::parse_ipv6("fd00:1::11");
    auto& gateway = add(network, "router", PortKind::router, "cell", "10.1.0.1");
    gateway.prefixes = {*model::parse_prefix("10.1.0.0/24")};
    add(network, "admin", PortKind::tap, "office", "10.2.0.10");
    add(network, "wire", PortKind::wire, "", "");
    auto& plc = add(network, "plc", PortKind::host, "field", "10.3.0.10");
    plc.wire = model::PortName("wire");
    plc.vlan = 30;
    add(network, "internet", PortKind::outside, "", "").prefixes = {*model::parse_prefix("0.0.0.0/0")};
    for (const auto& [name, ifindex] :
         {std::pair("robot", robot), {"press", press}, {"router", router}, {"admin", admin}, {"wire", wire}})
        network.ports[model::PortName(name)].ifindex = ifindex;
    compile_again();
}

RuleNumber Bed::allow(const std::string& from, const std::string& to, model::Transport transport,
                      unsigned port) {
    PlacedRule placed;
    placed.rule.from = model::PortName(from);
    placed.rule.to = model::PortName(to);
    placed.rule.service = {transport, static_cast<std::uint16_t>(port)};
    placed.number = static_cast<RuleNumber>(network.rules.size() + 1);
    placed.conduit = placed.number;
    network.rules.push_back(placed);
    compile_again();
    return placed.number;
}

std::uint32_t Bed::home(const std::string& text) const {
    const auto words = explain::parse_words(text);
    if (!words) {
        ADD_FAILURE() << words.error().text();
        return 0;
    }
    const switch_endpoint* endpoint = explain::endpoint_of(ir, words->from);
    return endpoint ? explain::target_of(ir, endpoint->slot)->ifindex : router;
}

std::vector<std::uint8_t> Bed::frame(const std::string& text) const {
    const auto words = explain::parse_words(text);
    return words ? frame_of(*words, wrapping_for(ir, home(text), *words)) : std::vector<std::uint8_t>{};
}

explain::Decision Bed::send(const std::string& text) {
    return send(home(text), frame(text));
}

explain::Decision Bed::send(std::uint32_t ifindex, const std::vector<std::uint8_t>& frame) {
    const auto decision = evaluate(ir, {ifindex, frame, 0}, memory);
    remember(decision, memory);
    return decision;
}

}  // namespace bulkhead::vnet::test
