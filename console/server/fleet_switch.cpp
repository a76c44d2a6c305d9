// The part of the fleet that tells of switches: tenants' routers, and who was refused what.
#include <algorithm>

#include "bulkhead/v1alpha1/api_version.hpp"
#include "console/server/fleet_core.hpp"
#include "console/server/list_filter.hpp"
#include "console/server/paging.hpp"
#include "console/server/reported_ends.hpp"

namespace bulkhead::console {
namespace {

// Denials of one gateway as one viewer may see them. A vendor sees those with an end of its tenant; who
// stands at the other end it is told only if a conduit of its own names it, or it could learn its neighbours'
// names by knocking at every address.
class VisibleDenials {
  public:
    VisibleDenials(const Viewer& viewer, const GatewayState& state)
        : viewer_(viewer), state_(state), ends_(*state.report) {
        for (const auto& conduit : state.report->conduits().items())
            if (is_own(conduit.from()) || is_own(conduit.to())) known_.insert({conduit.from(), conduit.to()});
    }

    std::vector<api::DenialView> wanted(const api::ListRequest& request, std::uint64_t older) const {
        std::vector<api::DenialView> found;
        for (const auto& reported : state_.report->denials().items()) {
            if (!is_own(reported.from()) && !is_own(reported.to())) continue;
            if (!request.tenant().empty() && !is_of(reported, request.tenant())) continue;
            auto view = reported;
            view.set_gateway(state_.name);
            view.set_last_seconds(reported.last_seconds() + older);
            if (!is_known(view.from())) view.clear_from();
            if (!is_known(view.to())) view.clear_to();
            // By what is shown, so that nobody learns a name by asking for it.
            if (is_named(view, request.name()) && is_found(view, request.search()))
                found.push_back(std::move(view));
        }
        return found;
    }

  private:
    bool is_own(const std::string& end) const { return sees_tenant(viewer_, ends_.tenant_of(end)); }
    bool is_known(const std::string& end) const { return is_own(end) || known_.contains(owner_of(end)); }
    bool is_of(const api::DenialView& denial, const std::string& tenant) const {
        return sees_tenant(viewer_, tenant) &&
               (ends_.tenant_of(denial.from()) == tenant || ends_.tenant_of(denial.to()) == tenant);
    }
    static bool is_named(const api::DenialView& denial, const std::string& name) {
        return name.empty() || denial.from() == name || denial.to() == name ||
               owner_of(denial.from()) == name || owner_of(denial.to()) == name;
    }
    bool is_found(const api::DenialView& denial, const std::string& search) const {
        return matches_search(state_, denial.from(), search) || holds(denial.to(), search) ||
               holds(denial.reason(), search);
    }

    const Viewer& viewer_;
    const GatewayState& state_;
    const ReportedEnds ends_;
    std::set<std::string> known_;  // ends of the conduits of the viewer's tenant
};

std::string denial_key(const Order& order, const GatewayState& state, const api::DenialView& denial) {
    const auto by = order.field == "last_seen" ? denial.last() : sorted_by(order, state, {}, {});
    std::string name;
    for (const auto* text :
         {&denial.from(), &denial.to(), &denial.address(), &denial.service(), &denial.reason()})
        name += *text + '\0';
    return key_of(by, name, state.name);
}

}  // namespace

Answer<api::RouterList> FleetCore::routers(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(require(viewer, Right::see));
    BULKHEAD_TRY_ASSIGN(const auto order, order_of(request));
    std::vector<Keyed<api::RouterView>> found;
    for (const auto& state : parts_.roster.all()) {
        if (!wants_gateway(*state, request)) continue;
        for (const auto& reported : state->report->routers().items()) {
            const auto& tenant = reported.tenant();
            if (!sees_tenant(viewer, tenant) || !wants(*state, request, tenant, tenant)) continue;
            found.push_back({key_of(sorted_by(order, *state, {}, {}), tenant, state->name), reported});
            found.back().view.set_gateway(state->name);
        }
    }
    api::RouterList list;
    list.set_apiversion(api::api_version);
    fill_page(std::move(found), order, list);
    return list;
}

// The latest first, if nothing else is asked for.
Answer<api::DenialList> FleetCore::denials(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(require(viewer, Right::see));
    BULKHEAD_TRY_ASSIGN(auto order, order_of(request));
    if (request.sort().empty()) {
        order.field = "last_seen";
        order.descends = true;
    }
    std::vector<Keyed<api::DenialView>> found;
    for (const auto& state : parts_.roster.all()) {
        if (!wants_gateway(*state, request)) continue;
        const VisibleDenials visible(viewer, *state);
        for (auto& view : visible.wanted(request, seconds_offline(*state, moment()))) {
            auto key = denial_key(order, *state, view);
            found.push_back({std::move(key), std::move(view)});
        }
    }
    api::DenialList list;
    list.set_apiversion(api::api_version);
    list.set_total(found.size());
    fill_page(std::move(found), order, list);
    return list;
}

void FleetCore::each_switch(const EachSwitch& tell) {
    for (const auto& state : parts_.roster.all())
        if (state->connected)
            tell(state->name, state->report->partitions(), state->report->conduits(),
                 state->report->routers());
}

}  // namespace bulkhead::console
