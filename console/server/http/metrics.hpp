// The fleet's figures in Prometheus' text format 0.0.4.
#pragma once

#include <string>

#include "console/server/fleet.hpp"

namespace bulkhead::console::http {

std::string metrics_text(const Fleet::Counts& counts);

// Of the switches of those gateways that are connected: what nobody knows now is not said. At most `most`
// samples, shared out evenly, so that no gateway crowds out another; how many were left out is a metric
// itself.
inline constexpr std::size_t most_switch_samples = 250'000;
std::string switch_metrics_text(Fleet& fleet, const Fleet::Counts& counts,
                                std::size_t most = most_switch_samples);

}  // namespace bulkhead::console::http
