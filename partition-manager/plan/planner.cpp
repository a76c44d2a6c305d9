#include "partition-manager/plan/planner.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "partition-manager/plan/difference.hpp"
#include "partition-manager/plan/fate.hpp"
#include "partition-manager/plan/limits.hpp"
#include "partition-manager/plan/order.hpp"
#include "partition-manager/plan/render.hpp"

namespace bulkhead::plan {
namespace {

// Of the persisted and the observed assignment of a device the later one stands. A lost database, or one
// from a backup, so takes nothing from a running partition.
Known known_of(const Intent& intent, const model::Observed& observed) {
    Known known{intent.uids,       observed.images,   observed.bundles,      intent.assignments,
                intent.next_token, observed.host.tpm, observed.host.offloads};
    for (const auto& [device, seen] : observed.assignments) {
        const auto [stands, fresh] = known.assignments.emplace(device, seen.assignment);
        if (!fresh && stands->second.token < seen.assignment.token) stands->second = seen.assignment;
    }
    for (const auto& [device, assignment] : known.assignments)
        known.next_token = std::max(known.next_token, assignment.token + 1);
    return known;
}

// What routers need of the kernel is asked before anything is begun.
Result<> can_route(const model::Spec& spec, const model::Observed& observed) {
    if (spec.routers.empty()) return {};
    const bool vlans = std::ranges::any_of(spec.uplinks, [](const auto& each) {
        return each.vlan != 0 && each.use == model::UplinkUse::tenants;
    });
    for (const auto& lack : observed.router_lacks)
        if (!lack.for_guards && (vlans || !lack.for_vlans))
            return fail(Code::unsupported,
                        (lack.for_vlans ? "uplinks with a VLAN need " : "routers need ") + lack.name + ": " +
                            lack.why,
                        "router/" + spec.routers.front().tenant.str(), {}, lack.mend);
    return {};
}

// Likewise of guards.
Result<> can_guard(const model::Spec& spec, const model::Observed& observed) {
    const auto guarded =
        std::ranges::find_if(spec.conduits, [](const auto& each) { return each.guard.has_value(); });
    if (guarded == spec.conduits.end()) return {};
    const auto lack = std::ranges::find_if(observed.router_lacks, &model::Lack::for_guards);
    if (lack == observed.router_lacks.end()) return {};
    return fail(Code::unsupported, "guards of conduits need " + lack->name + ": " + lack->why,
                "conduit/" + guarded->name.str(), {}, lack->mend);
}

Result<Desired> desired_of(const Intent& intent, const model::Observed& observed) {
    if (intent.spec == nullptr) return Desired{};
    BULKHEAD_TRY(fits(*intent.spec, observed.host));
    BULKHEAD_TRY(can_route(*intent.spec, observed));
    BULKHEAD_TRY(can_guard(*intent.spec, observed));
    return render(*intent.spec, known_of(intent, observed));
}

// Among steps that don't need each other: what goes comes first, then one partition after the other, in the
// order of the spec, so that none is down for longer than its own restart takes.
class Earlier {
  public:
    explicit Earlier(const model::Spec* spec) {
        if (spec != nullptr)
            for (const auto& partition : spec->partitions) place_.emplace(partition.name, place_.size());
    }
    bool operator()(const Draft& a, const Draft& b) const { return key(a.step) < key(b.step); }

  private:
    std::tuple<int, std::size_t, std::size_t> key(const model::Step& step) const {
        // Within a partition: what does no harm before what stops it.
        static constexpr std::size_t within[] = {1, 5, 2, 4, 0, 0, 7, 3, 8, 6, 9, 2, 9, 1, 9, 1};
        const bool closes = std::holds_alternative<model::CloseConduit>(step.action);
        const bool opens = std::holds_alternative<model::OpenConduit>(step.action);
        const auto place = place_.find(step.partition);
        const int group = closes ? 0 : opens ? 3 : place == place_.end() ? 1 : 2;
        return {group, place == place_.end() ? 0 : place->second, within[step.action.index()]};
    }

    std::map<model::PartitionName, std::size_t> place_;
};

}  // namespace

Result<model::Plan> make_plan(const Intent& intent, const model::Observed& observed) {
    BULKHEAD_TRY_ASSIGN(const auto desired, desired_of(intent, observed));
    const auto destiny = fates(intent, observed, desired);
    Difference difference{intent, observed, desired, destiny, {}, {}};
    difference.machines();
    difference.ports();
    difference.rules();
    difference.devices();
    difference.routers();
    difference.guards();
    BULKHEAD_TRY(difference.volumes());
    std::ranges::stable_sort(difference.drafts, Earlier(intent.spec));
    return model::Plan{ordered(std::move(difference.drafts)), std::move(difference.notes)};
}

}  // namespace bulkhead::plan
