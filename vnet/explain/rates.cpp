#include "vnet/explain/rates.hpp"

#include <algorithm>

#include "vnet/explain/judge.hpp"

namespace bulkhead::vnet::explain {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

std::uint64_t wait_for(const switch_bucket& bucket, std::uint64_t bytes) {
    return bytes * second / bucket.rate;
}

// Behind a wire each host has its own; a router and a tap are their interface.
Slot way_of(const switch_source& source, const Decision& decision) {
    return source.kind == switch_wire ? decision.from : source.slot;
}

void add_limit_of(const Ir& ir, RuleNumber number, std::vector<std::uint32_t>& buckets) {
    const auto rule = ir.rules.find(number);
    if (rule == ir.rules.end() || rule->second.bucket == 0) return;
    if (std::ranges::find(buckets, rule->second.bucket) == buckets.end())
        buckets.push_back(rule->second.bucket);
}

}  // namespace

std::uint64_t tokens_in(const switch_bucket& bucket, std::uint64_t now) {
    if (bucket.full <= now) return bucket.burst;
    const std::uint64_t missing =
        (bucket.full - now) / second * bucket.rate + (bucket.full - now) % second * bucket.rate / second;
    return bucket.burst - std::min<std::uint64_t>(bucket.burst, missing);
}

bool has_tokens(const Memory& memory, std::uint32_t index, std::size_t bytes) {
    const auto found = memory.buckets.find(index);
    if (found == memory.buckets.end() || found->second.rate == 0) return true;
    const switch_bucket& bucket = found->second;
    // How long until it would be full again, against how long an empty one takes.
    const std::uint64_t until_full = bucket.full > memory.now ? bucket.full - memory.now : 0;
    return until_full + wait_for(bucket, bytes) <= wait_for(bucket, bucket.burst);
}

bool is_within_rates(const Ir& ir, const Memory& memory, Slot way, RuleNumber rule, std::size_t bytes) {
    const switch_target* sender = target_of(ir, way);
    if (sender && sender->limited != 0 && !has_tokens(memory, way, bytes)) return false;
    const auto found = ir.rules.find(rule);
    return found == ir.rules.end() || found->second.bucket == 0 ||
           has_tokens(memory, found->second.bucket, bytes);
}

std::vector<std::uint32_t> buckets_of(const Ir& ir, const Arrival& arrival, const Decision& decision) {
    std::vector<std::uint32_t> buckets;
    const auto source = ir.sources.find(arrival.ifindex);
    if (source == ir.sources.end()) return buckets;
    buckets.push_back(way_of(source->second, decision));
    add_limit_of(ir, decision.rule, buckets);
    if (!decision.copies.empty())
        for (const auto& [key, peers] : ir.layer2) {
            if (key.ifindex != arrival.ifindex || peers.from != decision.from) continue;
            const std::size_t count = std::min<std::size_t>(peers.count, SWITCH_PEERS);
            for (std::size_t i = 0; i < count; ++i) add_limit_of(ir, peers.rule[i], buckets);
        }
    return buckets;
}

}  // namespace bulkhead::vnet::explain
