// What a person wants to capture, as far as a gateway's report tells. The gateway looks again, in its spec.
#pragma once

#include <string>

#include "base/error.hpp"
#include "console/server/roster.hpp"
#include "console/server/viewer.hpp"

namespace bulkhead::console {

// readings of conduit/readings; robot-cell/acme-cell of interface/robot-cell/acme-cell.
std::string name_of(const std::string& subject);
// robot-cell of that: the partition, if it is one.
std::string owner_named(const std::string& subject);

// What is not there, and what is another tenant's, in the same words.
std::unexpected<Error> nothing_called(const std::string& subject);

// Whether it may exist for the viewer. For who sees all that is the gateway's to say.
bool may_capture(const Viewer& viewer, const GatewayState& state, const std::string& subject);
// Whose it is; empty: nobody's alone, or not known.
std::string tenant_of(const Viewer& viewer, const GatewayState& state, const std::string& subject);

}  // namespace bulkhead::console
