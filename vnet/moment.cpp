#include "vnet/moment.hpp"

#include <algorithm>
#include <ctime>
#include <map>

#include "vnet/explain/rates.hpp"
#include "vnet/maps.hpp"

namespace bulkhead::vnet {
namespace {

bool is_over(const switch_connection_key& key, const switch_connection& connection, std::uint64_t now) {
    return connection.seen + switch_lasts(key.transport, connection.state) < now;
}

std::uint32_t quota_of(const Ir& ir, std::uint32_t tenant) {
    const auto found = ir.tenants.find(tenant);
    return found == ir.tenants.end() || found->second.quota == 0 ? SWITCH_QUOTA : found->second.quota;
}

explain::Connection from_wire(const switch_connection& wire) {
    return {.from = wire.from,
            .to = wire.to,
            .way = {wire.way[0], wire.way[1]},
            .rule = wire.rule,
            .epoch = wire.epoch,
            .expected = {wire.expected[0], wire.expected[1]},
            .tenant = wire.tenant,
            .low_opened = wire.low_opened != 0,
            .state = wire.state,
            .finished = wire.finished,
            .leg = wire.leg};
}

}  // namespace

std::uint64_t clock_of_the_switch() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(time.tv_nsec);
}

Result<Moments> Moments::open(const Maps& maps, const Ir& ir, std::uint32_t ifindex) {
    Moments moments(maps, ir, ifindex);
    BULKHEAD_TRY(moments.read_usage());
    BULKHEAD_TRY_ASSIGN(moments.common_.locals, maps.seen.locals.entries());
    return moments;
}

// A tenant that is at its end has as many as a sweep would leave: the programs sweep before they refuse.
Result<> Moments::read_usage() {
    BULKHEAD_TRY_ASSIGN(auto usage, maps_.seen.usage.entries());
    std::erase_if(usage, [](const auto& row) { return row.second == 0; });
    const bool full =
        std::ranges::any_of(usage, [&](const auto& row) { return row.second >= quota_of(ir_, row.first); });
    if (full) {
        std::map<std::uint32_t, std::uint32_t> standing;
        BULKHEAD_TRY_ASSIGN(const auto connections, maps_.seen.connections.entries());
        const std::uint64_t now = clock_of_the_switch();
        for (const auto& [key, connection] : connections)
            if (!is_over(key, connection, now) && explain::is_allowed(ir_, key, from_wire(connection)))
                ++standing[connection.tenant];
        for (auto& [tenant, count] : usage)
            if (count >= quota_of(ir_, tenant)) count = standing[tenant];
    }
    common_.usage = std::move(usage);
    return {};
}

// What lasted longer is not there any more, whoever finds it.
Result<> Moments::read_connection(std::span<const std::uint8_t> frame, Moment& moment) const {
    const auto key = explain::connection_of(frame);
    if (!key) return {};
    BULKHEAD_TRY_ASSIGN(const auto found, maps_.seen.connections.find(*key));
    if (found && !is_over(*key, *found, moment.now)) moment.connections.emplace_back(*key, *found);
    return {};
}

Result<> Moments::read_buckets(std::span<const std::uint8_t> frame, Moment& moment) const {
    const explain::Arrival arrival{ifindex_, frame, 0};
    const auto decision = evaluate(ir_, arrival, memory_of(moment));  // limited by nothing yet
    for (const std::uint32_t index : explain::buckets_of(ir_, arrival, decision)) {
        BULKHEAD_TRY_ASSIGN(const auto bucket, maps_.policy.buckets.find(index));
        if (bucket && bucket->rate != 0) moment.buckets.emplace_back(index, *bucket);
    }
    return {};
}

Result<Moment> Moments::read(std::span<const std::uint8_t> frame) const {
    Moment moment = common_;
    moment.now = clock_of_the_switch();
    BULKHEAD_TRY(read_connection(frame, moment));
    BULKHEAD_TRY(read_buckets(frame, moment));
    return moment;
}

explain::Memory memory_of(const Moment& moment) {
    explain::Memory memory;
    memory.now = moment.now;
    for (const auto& [key, connection] : moment.connections)
        memory.connections.emplace(key, from_wire(connection));
    for (const auto& [key, local] : moment.locals) memory.locals.emplace(key, local);
    for (const auto& [index, bucket] : moment.buckets) memory.buckets.emplace(index, bucket);
    for (const auto& [tenant, count] : moment.usage) {
        const auto number = static_cast<std::uint16_t>(tenant);
        memory.unlisted[number] = count - std::min<std::uint32_t>(count, memory.used(number));
    }
    return memory;
}

}  // namespace bulkhead::vnet
