#include "console/server/reported_ends.hpp"

namespace bulkhead::console {

std::string owner_of(const std::string& end) {
    return end.substr(0, end.find('/'));
}

// Partitions last: what else has the name of one is not taken for its owner.
ReportedEnds::ReportedEnds(const v1alpha1::GatewayReport& report) {
    for (const auto& zone : report.zones().items()) {
        tenants_["router of " + zone.name()] = zone.tenant();
        for (const auto& member : zone.members())
            tenants_[member.substr(0, member.find(' '))] = zone.tenant();
    }
    for (const auto& partition : report.partitions().items()) tenants_[partition.name()] = partition.tenant();
}

std::string ReportedEnds::tenant_of(const std::string& end) const {
    const auto found = tenants_.find(owner_of(end));
    return found == tenants_.end() ? std::string() : found->second;
}

std::set<std::string> ReportedEnds::tenants_at(const v1alpha1::ConduitView& conduit) const {
    std::set<std::string> tenants{tenant_of(conduit.from()), tenant_of(conduit.to())};
    tenants.erase("");
    return tenants;
}

}  // namespace bulkhead::console
