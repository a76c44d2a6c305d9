// `bulkhead prove`: who can reach whom over the state of the kernel, in the words of the spec.
#pragma once

#include "bulkhead/v1alpha1/switch.pb.h"
#include "partition-manager/daemon/switch_sources.hpp"

namespace bulkhead::daemon {

// Errors: a name is nobody's, or the kernel's state can't be read. That nothing is proved is no error.
Result<v1alpha1::Proof> prove(const SwitchSources& sources, const v1alpha1::ProveRequest& request);

}  // namespace bulkhead::daemon
