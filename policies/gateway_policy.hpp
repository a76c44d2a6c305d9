// What a gateway's spec may ask for, as data, and the pure verdict over it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "model/spec.hpp"

namespace bulkhead::policies {

// Allows or refuses names by a pattern: a whole name, or the beginning of one and '*'.
struct NameRule {
    std::string id;
    std::string pattern;
    bool allows = false;
    std::string because;
};

enum class Quantity { partition_cpus, partition_memory, volume_size, bundle_size, bundles_size };

struct LimitRule {
    std::string id;
    Quantity of = Quantity::partition_cpus;
    std::uint64_t least = 0;  // bytes, where the quantity is a size
    std::uint64_t most = 0;
    std::string because;
};

// Refuses conduits, in either direction, between zones of two levels.
struct LevelRule {
    std::string id;
    model::Level one = model::Level::none;
    model::Level other = model::Level::none;
    std::string because;
};

// Default deny: an empty policy refuses every name and every quantity.
struct Policy {
    std::vector<NameRule> devices;  // by their places
    std::vector<NameRule> images;
    std::vector<NameRule> applications;
    std::vector<LimitRule> limits;
    std::vector<LevelRule> levels;
};

// gateway.yaml of this folder says how it is written. Unknown keys and rules without id or reason are
// refused.
std::expected<Policy, Errors> read_policy(std::string_view yaml, std::string_view file_name);

// The most that every rule about a quantity allows; 0 if none does.
std::uint64_t most_of(const Policy& policy, Quantity quantity);

// All refusals, each quoting the rule, or that there is none. Names only: where a link under /dev leads is
// the matter of whoever opens it.
Errors judge(const model::Spec& spec, const Policy& policy);

}  // namespace bulkhead::policies
