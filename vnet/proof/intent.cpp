#include "vnet/proof/intent.hpp"

#include <algorithm>
#include <tuple>

namespace bulkhead::vnet::proof {
namespace {

// From, to, what, and through which guard.
using Allowed = std::set<std::tuple<Slot, Slot, model::Service, Slot>>;

constexpr Slot nowhere = ~Slot{0};

std::map<model::PortName, Slot> slots_of(const Ports& ports) {
    std::map<model::PortName, Slot> slots;
    for (const auto& [slot, placed] : ports) slots[placed.port.name] = slot;
    return slots;
}

// A guard that is not on record is no slot at all: nothing passes through it, nor straight.
Slot guard_of(const model::Rule& rule, const std::map<model::PortName, Slot>& slots) {
    if (rule.via.empty()) return 0;
    const auto found = slots.find(rule.via);
    return found == slots.end() ? nowhere : found->second;
}

Allowed allowed_by(const std::set<model::Rule>& meant, const Ports& ports) {
    const auto slots = slots_of(ports);
    Allowed allowed;
    for (const auto& rule : meant) {
        const auto from = slots.find(rule.from);
        const auto to = slots.find(rule.to);
        if (from != slots.end() && to != slots.end())
            allowed.insert({from->second, to->second, rule.service, guard_of(rule, slots)});
    }
    return allowed;
}

// Between a tap and the router of its zone.
bool is_at_home(const Edge& edge, const Ports& ports) {
    const auto from = ports.find(edge.from);
    const auto to = ports.find(edge.to);
    if (from == ports.end() || to == ports.end()) return false;
    const auto& a = from->second.port;
    const auto& b = to->second.port;
    const bool kinds = (a.kind == model::PortKind::tap && b.kind == model::PortKind::router) ||
                       (a.kind == model::PortKind::router && b.kind == model::PortKind::tap);
    return kinds && a.zone == b.zone;
}

bool is_meant(const Edge& edge, const Ports& ports, const Allowed& allowed) {
    if (edge.way == Way::housekeeping) return is_at_home(edge, ports);
    if (edge.witnesses.empty()) return false;
    const auto service = service_of(edge.witnesses.front().frame);  // of who opened it
    if (!service) return false;
    const bool back = edge.way == Way::answers;
    return allowed.contains({back ? edge.to : edge.from, back ? edge.from : edge.to, *service, edge.via});
}

}  // namespace

std::optional<model::Service> service_of(std::span<const std::uint8_t> frame) {
    const auto ethernet = explain::parse_ethernet(explain::Octets(frame));
    if (!ethernet) return std::nullopt;
    if (ethernet->ethertype != explain::ethertype_ipv4 && ethernet->ethertype != explain::ethertype_ipv6)
        return model::Service{model::Transport::layer2, ethernet->ethertype};
    const auto ip = parse_ip(*ethernet, 0);
    if (!ip) return std::nullopt;
    if (const auto* tcp = std::get_if<explain::Tcp>(&ip->transport)) {
        if (!opens(*tcp)) return std::nullopt;
        return model::Service{model::Transport::tcp, tcp->to};
    }
    if (const auto* udp = std::get_if<explain::Udp>(&ip->transport))
        return model::Service{model::Transport::udp, udp->to};
    const auto* icmp = std::get_if<explain::Icmp>(&ip->transport);
    if (icmp && icmp->type == (ip->six ? 128 : 8)) return model::Service{model::Transport::icmp, 0};
    return std::nullopt;
}

std::vector<const Edge*> unmeant(const Reach& reach, const Ports& ports, const std::set<model::Rule>& meant) {
    const Allowed allowed = allowed_by(meant, ports);
    std::vector<const Edge*> found;
    for (const Edge& edge : reach.edges)
        if (!is_meant(edge, ports, allowed)) found.push_back(&edge);
    return found;
}

std::vector<model::Rule> unmet(const Reach& reach, const Ports& ports, const std::set<model::Rule>& meant) {
    Allowed there;
    Allowed behind;  // of flows through a guard, their other half
    for (const Edge& edge : reach.edges)
        if ((edge.way == Way::opens || edge.way == Way::layer2) && !edge.witnesses.empty())
            if (const auto service = service_of(edge.witnesses.front().frame))
                (edge.behind ? behind : there).insert({edge.from, edge.to, *service, edge.via});
    const auto slots = slots_of(ports);
    std::vector<model::Rule> missing;
    for (const auto& rule : meant) {
        const auto from = slots.find(rule.from);
        const auto to = slots.find(rule.to);
        if (from == slots.end() || to == slots.end()) continue;
        const std::tuple flow(from->second, to->second, rule.service, guard_of(rule, slots));
        if (!there.contains(flow) || (!rule.via.empty() && !behind.contains(flow))) missing.push_back(rule);
    }
    return missing;
}

}  // namespace bulkhead::vnet::proof
