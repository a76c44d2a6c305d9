// `bulkhead explain`: what would become of frames, in the words of the spec.
#pragma once

#include "bulkhead/v1alpha1/switch.pb.h"
#include "partition-manager/daemon/switch_sources.hpp"

namespace bulkhead::daemon {

// A disagreement between the data and the program is recorded as the event switch.disagreement. Errors: the
// interface or the words are nobody's or nothing, or the kernel refuses.
Result<v1alpha1::Explanation> explain(const SwitchSources& sources, const v1alpha1::ExplainRequest& request,
                                      const std::string& actor);

}  // namespace bulkhead::daemon
