// Whose the ends of conduits and denials are, by what their gateway reports.
#pragma once

#include <map>
#include <set>
#include <string>

#include "bulkhead/v1alpha1/fleet.pb.h"

namespace bulkhead::console {

// robot-cell of robot-cell/acme-cell, which is one of its interfaces.
std::string owner_of(const std::string& end);

class ReportedEnds {
  public:
    explicit ReportedEnds(const bulkhead::v1alpha1::GatewayReport& report);
    // Empty: nobody's, or not known.
    std::string tenant_of(const std::string& end) const;
    // Those at a conduit's two ends.
    std::set<std::string> tenants_at(const bulkhead::v1alpha1::ConduitView& conduit) const;

  private:
    std::map<std::string, std::string> tenants_;
};

}  // namespace bulkhead::console
