#include "console/server/capture_subject.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "console/server/fleet_views.hpp"
#include "console/server/reported_ends.hpp"

namespace bulkhead::console {
namespace {

constexpr std::size_t longest_name = 64;

bool is_own_interface(const Viewer& viewer, const GatewayState& state, const std::string& name) {
    const auto& partitions = state.report->partitions().items();
    return std::ranges::any_of(partitions, [&](const auto& partition) {
        return sees_tenant(viewer, partition.tenant()) &&
               std::ranges::any_of(partition.interfaces(),
                                   [&](const auto& interface) { return interface.name() == name; });
    });
}

bool is_own_conduit(const Viewer& viewer, const GatewayState& state, const std::string& name) {
    const ReportedEnds ends(*state.report);
    return std::ranges::any_of(state.report->conduits().items(), [&](const auto& conduit) {
        return conduit.name() == name && ends.tenants_at(conduit).contains(viewer.tenant);
    });
}

}  // namespace

std::string name_of(const std::string& subject) {
    for (const std::string_view kind : {"conduit/", "interface/"})
        if (subject.starts_with(kind)) return subject.substr(kind.size());
    return subject;
}

std::string owner_named(const std::string& subject) {
    return owner_of(name_of(subject));
}

std::unexpected<Error> nothing_called(const std::string& subject) {
    return fail(Code::not_found,
                "there is no interface or conduit '" + printable(name_of(subject), longest_name) + "'", {},
                "a partition, PARTITION/ZONE, or a conduit",
                "bulkhead get partitions; bulkhead get conduits");
}

bool may_capture(const Viewer& viewer, const GatewayState& state, const std::string& subject) {
    if (viewer.role != Role::vendor) return true;
    if (viewer.tenant.empty()) return false;
    return visible_partition(viewer, state, owner_named(subject)) != nullptr ||
           is_own_interface(viewer, state, name_of(subject)) ||
           is_own_conduit(viewer, state, name_of(subject));
}

std::string tenant_of(const Viewer& viewer, const GatewayState& state, const std::string& subject) {
    if (viewer.role == Role::vendor) return viewer.tenant;
    const auto* partition =
        subject.starts_with("conduit/") ? nullptr : visible_partition(viewer, state, owner_named(subject));
    return partition == nullptr ? std::string() : partition->tenant();
}

}  // namespace bulkhead::console
