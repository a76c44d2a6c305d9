// Whether a frame is one that was ordered.
#pragma once

#include <string_view>

#include "vnet/capture/order.hpp"
#include "vnet/capture/pcapng.hpp"

namespace bulkhead::vnet::capture {

// Of the flows that the rules allow, in either direction. ICMP between the two ends counts too: it may be an
// error of theirs.
bool belongs(const std::vector<Rule>& rules, std::string_view frame);

// By the way it goes.
bool is_ordered(const Place& place, const CapturedFrame& frame);

}  // namespace bulkhead::vnet::capture
