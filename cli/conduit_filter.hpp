// Whether a frame is one of a conduit's flows, by what its rules allow and in either direction.
#pragma once

#include <string_view>

#include "bulkhead/v1alpha1/switch.pb.h"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;

// ICMP between the two ends counts too: it may be an error of theirs. True of any frame if there are no
// rules.
bool belongs(const api::CaptureGrant& grant, std::string_view frame);

}  // namespace bulkhead::cli
