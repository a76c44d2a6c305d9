// `bulkhead capture`: which frames are meant, and which of them the caller may see.
#pragma once

#include "bulkhead/v1alpha1/switch.pb.h"
#include "partition-manager/daemon/caller.hpp"
#include "partition-manager/daemon/switch_sources.hpp"
#include "vnet/capture/order.hpp"

namespace bulkhead::daemon {

struct CaptureGrant {
    vnet::capture::Order order;
    std::string what;  // in words
    std::string note;  // why there may be nothing; empty: nothing speaks against it
    // Whose frames they are, if they are one's.
    model::PartitionName partition;
    model::TenantName tenant;
};

// A tenant is granted what passes the interfaces of its own partitions: all of it, or what belongs to a
// conduit at whose end one of them stands. Of a conduit both of whose ends are the caller's, or of anybody's
// who has no tenant, each frame that passed is meant once. Errors: the subject is nobody for this caller, or
// of several kinds; a limit is above what this caller may ask.
Result<CaptureGrant> grant_capture(const SwitchSources& sources, const v1alpha1::CaptureRequest& request,
                                   const Caller& caller);

}  // namespace bulkhead::daemon
