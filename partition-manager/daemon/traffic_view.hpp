// Denials and flows, as people see them.
#pragma once

#include "bulkhead/v1alpha1/fleet.pb.h"
#include "bulkhead/v1alpha1/switch.pb.h"
#include "partition-manager/daemon/switch_sources.hpp"

namespace bulkhead::daemon {

// The latest first, at most request.page_size() of them (0: 1000). Of `request`, tenant and name choose: one
// that stands at either end.
Result<v1alpha1::DenialList> denials(const SwitchSources& sources, const v1alpha1::ListRequest& request);
Result<v1alpha1::FlowList> flows(const SwitchSources& sources, const v1alpha1::ListRequest& request);

// For the console: routers, and the latest denials, bounded. What can't be read is absent.
void add_switch(const SwitchSources& sources, v1alpha1::GatewayReport& report);

}  // namespace bulkhead::daemon
