// The roster's states as people see them: with ages, and never a green that is stale. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "bulkhead/v1alpha1/control.pb.h"
#include "console/server/roster.hpp"
#include "console/server/viewer.hpp"

namespace bulkhead::console {

struct Moment {
    UtcTime now;
    std::chrono::seconds round{30};  // between two attestation rounds; a result is stale after three
};

// Of the host (partition empty) or a partition. What was trusted is stale when it is old or the line is down;
// what was untrusted stays so.
bulkhead::v1alpha1::AttestationView attestation_view(const GatewayState& state, const std::string& partition,
                                                     const Moment& moment);
// The host's, as this viewer may see it: a record of the host's log may name another tenant's partition.
bulkhead::v1alpha1::AttestationView host_view(const GatewayState& state, const Viewer& viewer,
                                              const Moment& moment);
// A vendor's view counts its own partitions only.
bulkhead::v1alpha1::GatewayView gateway_view(const GatewayState& state, const Viewer& viewer,
                                             const Moment& moment);
// One of the report's, with the attestation and without a health that nobody knows now.
bulkhead::v1alpha1::PartitionView partition_view(const GatewayState& state,
                                                 const bulkhead::v1alpha1::PartitionView& reported,
                                                 const Moment& moment);
bulkhead::v1alpha1::Status status_view(const GatewayState& state, const Viewer& viewer, const Moment& moment);

// Since it was last heard; 0 while it is connected. What was reported is older by so much.
std::uint64_t seconds_offline(const GatewayState& state, const Moment& moment);

// Of all that the gateway last reported.
std::set<std::string> tenants_of(const GatewayState& state);
// Whether something of this tenant exists for the viewer.
bool sees_tenant(const Viewer& viewer, const std::string& tenant);
// A vendor sees a gateway on which it has a partition.
bool sees_gateway(const Viewer& viewer, const GatewayState& state);
// Null: the viewer may not see it, or there is none.
const bulkhead::v1alpha1::PartitionView* visible_partition(const Viewer& viewer, const GatewayState& state,
                                                           const std::string& partition);

}  // namespace bulkhead::console
