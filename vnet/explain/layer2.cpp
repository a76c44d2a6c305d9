// Industrial protocols on Ethernet itself: to declared peers only, alone or as the protocol's own groups.
#include <arpa/inet.h>

#include <algorithm>

#include "vnet/explain/judge.hpp"
#include "vnet/explain/rates.hpp"

namespace bulkhead::vnet::explain {
namespace {

constexpr std::uint16_t profinet = 0x8892;
constexpr std::uint16_t goose = 0x88b8;
constexpr std::uint16_t ethercat = 0x88a4;

// IEC 61158-6-10; IEC 61850-8-1, annex B; EtherCAT speaks to everyone.
bool is_own_group(std::uint16_t ethertype, const MacBytes& mac) {
    if (ethertype == profinet) return mac[0] == 0x01 && mac[1] == 0x0e && mac[2] == 0xcf;
    if (ethertype == goose) return mac[0] == 0x01 && mac[1] == 0x0c && mac[2] == 0xcd;
    return mac == everyone;
}

bool is_allowed(const Ir& ir, RuleNumber number, Slot from, Slot to) {
    const switch_rule* rule = rule_of(ir, number);
    return rule && rule->flow.from == from && rule->flow.to == to && holds(*rule, ir.epoch);
}

}  // namespace

bool is_layer2(std::uint16_t ethertype) {
    return ethertype == profinet || ethertype == goose || ethertype == ethercat;
}

Refusal judge_layer2(const Scene& scene, Decision& decision) {
    const Ir& ir = scene.ir;
    const MacBytes& destination = scene.ethernet.destination;
    switch_layer2_key key{scene.arrival.ifindex, htons(scene.ethernet.ethertype),
                          static_cast<std::uint16_t>(scene.ethernet.tag.value_or(0) & 0xfff)};
    std::ranges::copy(scene.ethernet.source, key.mac);
    const auto found = ir.layer2.find(key);
    if (found == ir.layer2.end()) return switch_drop_ethertype;
    if (is_group(destination) && !is_own_group(scene.ethernet.ethertype, destination))
        return switch_drop_group_destination;
    const switch_layer2& peers = found->second;
    decision.from = peers.from;
    const std::size_t length = scene.ethernet.length;
    if (!is_within_rates(ir, scene.memory, peers.from, 0, length)) return switch_drop_rate;
    for (std::size_t i = 0; i < std::min<std::size_t>(peers.count, SWITCH_PEERS); ++i) {
        const switch_target* target = target_of(ir, peers.to[i]);
        if (!target || target->ifindex == 0) continue;
        if (!is_allowed(ir, peers.rule[i], peers.from, peers.to[i])) continue;
        if (!is_group(destination) && mac_of(target->mac) != destination) continue;
        if (!has_tokens(scene.memory, ir.rules.at(peers.rule[i]).bucket, length)) continue;
        decision.copies.push_back(peers.to[i]);
        decision.to = peers.to[i];
        decision.rule = peers.rule[i];
        decision.conduit = ir.rules.at(peers.rule[i]).conduit;
        decision.ifindex = target->ifindex;
        decision.vlan = target->vlan;
        decision.mac = is_group(destination) ? destination : mac_of(target->mac);
    }
    if (decision.copies.empty()) return switch_drop_destination_mac;
    decision.verdict = Verdict::passes;
    return std::nullopt;
}

}  // namespace bulkhead::vnet::explain
