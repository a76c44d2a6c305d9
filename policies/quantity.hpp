// The quantities that a policy can limit, by the names it has for them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "policies/gateway_policy.hpp"

namespace bulkhead::policies {

inline constexpr std::array quantities{Quantity::partition_cpus, Quantity::partition_memory,
                                       Quantity::volume_size, Quantity::bundle_size, Quantity::bundles_size};

std::string_view to_string(Quantity quantity);
std::string amount_text(Quantity quantity, std::uint64_t amount);
Result<std::uint64_t> parse_amount(Quantity quantity, std::string_view text);

}  // namespace bulkhead::policies
