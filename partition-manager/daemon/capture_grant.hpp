// `bulkhead capture`: which interfaces and frames are meant. The caller, who is root, reads the frames
// himself: the manager has no right to, and gets none for it.
#pragma once

#include "bulkhead/v1alpha1/switch.pb.h"
#include "partition-manager/daemon/switch_sources.hpp"

namespace bulkhead::daemon {

// Recorded as the event switch.capture before anything is granted. Errors: the subject is nobody, or of
// several kinds.
Result<v1alpha1::CaptureGrant> grant_capture(const SwitchSources& sources,
                                             const v1alpha1::CaptureRequest& request,
                                             const std::string& actor);

}  // namespace bulkhead::daemon
