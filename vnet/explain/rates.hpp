// Token buckets: what a sender, and what a conduit, may carry.
#pragma once

#include <cstdint>
#include <vector>

#include "vnet/explain/evaluate.hpp"

namespace bulkhead::vnet::explain {

// Whether a bucket has enough for a frame, at the memory's moment. One that the memory lacks limits nothing.
// GCRA, ITU-T I.371.
bool has_tokens(const Memory& memory, std::uint32_t index, std::size_t bytes);
// The frame of a flow or of housekeeping, over `way`; rule 0: none limits it.
bool is_within_rates(const Ir& ir, const Memory& memory, Slot way, RuleNumber rule, std::size_t bytes);

// The buckets that a frame could be held to which is decided so, by their index; those of its sender first.
std::vector<std::uint32_t> buckets_of(const Ir& ir, const Arrival& arrival, const Decision& decision);

// Tokens in a bucket at a moment (ns), in bytes.
std::uint64_t tokens_in(const switch_bucket& bucket, std::uint64_t now);

}  // namespace bulkhead::vnet::explain
