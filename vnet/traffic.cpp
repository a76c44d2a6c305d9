#include "vnet/traffic.hpp"

#include <netinet/in.h>

#include <array>
#include <ctime>
#include <string_view>

#include "vnet/records.hpp"
#include "vnet/wire.hpp"

namespace bulkhead::vnet {
namespace {

constexpr std::array<std::string_view, switch_drop_count> drop_names{
#define BULKHEAD_DROP_NAME(name) #name,
    SWITCH_DROPS(BULKHEAD_DROP_NAME)
#undef BULKHEAD_DROP_NAME
};
constexpr std::array<std::string_view, 4> state_names{"opening", "established", "closing", "closed"};

PortTraffic as_traffic(const switch_port_counters& counters) {
    PortTraffic traffic{counters.received, counters.delivered, {}};
    for (std::size_t i = 0; i < drop_names.size(); ++i)
        if (counters.dropped[i] != 0) traffic.dropped[std::string(drop_names[i])] = counters.dropped[i];
    return traffic;
}

std::string text_of(const switch_address& address) {
    return is_ipv4(address) ? to_string(to_ipv4(address)) : to_string(to_ipv6(address));
}

model::PortName name_of(const PortNames& names, Slot slot) {
    const auto found = names.find(slot);
    return found == names.end() ? model::PortName() : found->second;
}

std::uint64_t now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint32_t conduit_of(const State& state, const Table<std::uint32_t, switch_rule>& rules,
                         RuleNumber number) {
    const auto rule = rules.find(number);
    if (rule == rules.end()) return 0;
    for (const auto& [id, index] : state.conduits)
        if (index == rule->second.conduit) return id;
    return 0;
}

Flow flow_of(const switch_connection_key& key, const switch_connection& entry, const PortNames& names) {
    const bool low = entry.low_opened != 0;
    const auto& source = low ? key.low : key.high;
    const auto& target = low ? key.high : key.low;
    return {name_of(names, entry.from),
            name_of(names, entry.to),
            text_of(source),
            text_of(target),
            ::ntohs(low ? key.low_port : key.high_port),
            ::ntohs(low ? key.high_port : key.low_port),
            key.transport,
            std::string(state_names.at(entry.state % state_names.size())),
            entry.rule,
            0,
            entry.packets[0] + entry.packets[1],
            entry.bytes[0] + entry.bytes[1],
            entry.opened};
}

}  // namespace

Result<Traffic> read_traffic(const Maps& maps, const State& state) {
    Traffic traffic;
    const PortNames names = names_of(state.network);
    for (const auto& [slot, name] : names) {
        BULKHEAD_TRY_ASSIGN(const auto counters, maps.seen.ports.sum(slot));
        traffic.ports[name] = as_traffic(counters);
    }
    BULKHEAD_TRY_ASSIGN(const auto strangers, maps.seen.ports.sum(0));
    traffic.strangers = as_traffic(strangers);
    for (const auto& [id, index] : state.conduits) {
        if (!state.index.has_conduit(index)) continue;
        BULKHEAD_TRY_ASSIGN(const auto counters, maps.seen.conduits.sum(index));
        traffic.conduits[id] = {counters.packets, counters.bytes, counters.connections, counters.dropped};
    }
    BULKHEAD_TRY_ASSIGN(const auto denials, maps.seen.denials.entries());
    for (const auto& [key, entry] : denials)
        if (key.reason < drop_names.size())
            traffic.denials.push_back({name_of(names, key.from), name_of(names, key.to), text_of(entry.to),
                                       key.transport, ::ntohs(key.port), std::string(drop_names[key.reason]),
                                       entry.count, entry.last});
    return traffic;
}

Result<std::vector<Flow>> read_flows(const Maps& maps, const State& state, std::size_t limit) {
    const PortNames names = names_of(state.network);
    BULKHEAD_TRY_ASSIGN(const auto entries, maps.seen.connections.entries());
    std::vector<Flow> flows;
    const std::uint64_t moment = now();
    for (const auto& [key, entry] : entries) {
        if (flows.size() == limit) break;
        if (entry.seen + switch_lasts(key.transport, entry.state) < moment) continue;  // over, not swept yet
        flows.push_back(flow_of(key, entry, names));
        flows.back().conduit = conduit_of(state, state.index.ir().rules, entry.rule);
    }
    return flows;
}

}  // namespace bulkhead::vnet
