// The part of the fleet that lists.
#include <algorithm>

#include "base/text.hpp"
#include "base/units.hpp"
#include "bulkhead/v1alpha1/api_version.hpp"
#include "console/server/fleet_core.hpp"
#include "console/server/list_filter.hpp"
#include "console/server/paging.hpp"
#include "console/server/reported_ends.hpp"

namespace bulkhead::console {
Answer<api::GatewayList> FleetCore::gateways(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(require(viewer, Right::see));
    BULKHEAD_TRY_ASSIGN(const auto order, order_of(request));
    std::vector<Keyed<api::GatewayView>> found;
    for (const auto& state : parts_.roster.all()) {
        if (!sees_gateway(viewer, *state) || !wants_gateway(*state, request)) continue;
        // Which other tenants stand on a gateway is not a vendor's to ask.
        if (!request.tenant().empty() &&
            (!sees_tenant(viewer, request.tenant()) || !tenants_of(*state).contains(request.tenant())))
            continue;
        if ((!request.name().empty() && request.name() != state->name) ||
            !matches_search(*state, state->name, request.search()))
            continue;
        auto view = gateway_view(*state, viewer, moment());
        const auto& attestation = view.attestation().attestation();
        if ((!request.health().empty() && request.health() != view.health()) ||
            (!request.attestation().empty() && request.attestation() != attestation))
            continue;
        found.push_back(
            {key_of(sorted_by(order, *state, view.health(), attestation), state->name, {}), view});
    }
    api::GatewayList list;
    list.set_apiversion(api::api_version);
    list.set_total(found.size());
    fill_page(std::move(found), order, list);
    return list;
}

Answer<api::PartitionList> FleetCore::partitions(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(require(viewer, Right::see));
    BULKHEAD_TRY_ASSIGN(const auto order, order_of(request));
    std::vector<Keyed<api::PartitionView>> found;
    for (const auto& state : parts_.roster.all()) {
        if (!wants_gateway(*state, request)) continue;
        for (const auto& reported : state->report->partitions().items()) {
            if (!sees_tenant(viewer, reported.tenant()) ||
                !wants(*state, request, reported.name(), reported.tenant()))
                continue;
            auto view = partition_view(*state, reported, moment());
            if ((!request.health().empty() && request.health() != view.health()) ||
                (!request.attestation().empty() && request.attestation() != view.attestation()))
                continue;
            const auto by = sorted_by(order, *state, view.health(), view.attestation());
            found.push_back({key_of(by, view.name(), state->name), std::move(view)});
        }
    }
    api::PartitionList list;
    list.set_apiversion(api::api_version);
    fill_page(std::move(found), order, list);
    return list;
}

namespace {

constexpr const char* last_name = "~";  // sorts after all names

}  // namespace

Answer<api::DeviceList> FleetCore::devices(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(require(viewer, Right::see));
    BULKHEAD_TRY_ASSIGN(const auto order, order_of(request));
    std::vector<Keyed<api::DeviceView>> found;
    for (const auto& state : parts_.roster.all()) {
        if (!wants_gateway(*state, request)) continue;
        for (const auto& reported : state->report->devices().items()) {
            // What no spec declares is of interest at its gateway alone.
            const bool declared = !reported.name().empty();
            if (!declared && request.gateway().empty() && request.name() != reported.id()) continue;
            const auto& name = declared && request.name() != reported.id() ? reported.name() : reported.id();
            if (!sees_tenant(viewer, reported.tenant()) || !wants(*state, request, name, reported.tenant()))
                continue;
            const auto place = declared ? reported.name() : last_name + reported.id();
            found.push_back({key_of(sorted_by(order, *state, {}, {}), place, state->name), reported});
            // These name devices and partitions of others.
            if (!viewer.tenant.empty()) {
                found.back().view.clear_obstacles();
                found.back().view.clear_group_members();
            }
            found.back().view.set_gateway(state->name);
        }
    }
    api::DeviceList list;
    list.set_apiversion(api::api_version);
    fill_page(std::move(found), order, list);
    return list;
}

Answer<api::ZoneList> FleetCore::zones(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(require(viewer, Right::see));
    BULKHEAD_TRY_ASSIGN(const auto order, order_of(request));
    std::vector<Keyed<api::ZoneView>> found;
    for (const auto& state : parts_.roster.all()) {
        if (!wants_gateway(*state, request)) continue;
        for (const auto& reported : state->report->zones().items()) {
            if (!sees_tenant(viewer, reported.tenant()) ||
                !wants(*state, request, reported.name(), reported.tenant()))
                continue;
            found.push_back(
                {key_of(sorted_by(order, *state, {}, {}), reported.name(), state->name), reported});
            found.back().view.set_gateway(state->name);
        }
    }
    api::ZoneList list;
    list.set_apiversion(api::api_version);
    fill_page(std::move(found), order, list);
    return list;
}

Answer<api::ConduitList> FleetCore::conduits(const Viewer& viewer, const api::ListRequest& request) {
    BULKHEAD_TRY(require(viewer, Right::see));
    BULKHEAD_TRY_ASSIGN(const auto order, order_of(request));
    std::vector<Keyed<api::ConduitView>> found;
    for (const auto& state : parts_.roster.all()) {
        if (!wants_gateway(*state, request)) continue;
        const ReportedEnds ends(*state->report);
        for (const auto& reported : state->report->conduits().items()) {
            // A tenant sees a conduit at whose either end it stands.
            const auto tenants = ends.tenants_at(reported);
            if (viewer.role == Role::vendor && !tenants.contains(viewer.tenant)) continue;
            const bool asked = sees_tenant(viewer, request.tenant()) && tenants.contains(request.tenant());
            const auto tenant = asked ? request.tenant() : std::string();
            if (!wants(*state, request, reported.name(), tenant)) continue;
            found.push_back(
                {key_of(sorted_by(order, *state, {}, {}), reported.name(), state->name), reported});
            found.back().view.set_gateway(state->name);
        }
    }
    api::ConduitList list;
    list.set_apiversion(api::api_version);
    fill_page(std::move(found), order, list);
    return list;
}

Answer<api::EventList> FleetCore::events(const Viewer& viewer, const api::ListEventsRequest& request) {
    BULKHEAD_TRY(require(viewer, Right::see));
    api::EventList list;
    list.set_apiversion(api::api_version);
    EventQuery query{request.gateway(), request.partition(), request.tenant(), request.code(),
                     request.search()};
    if (viewer.role == Role::vendor) {
        if (viewer.tenant.empty() || (!query.tenant.empty() && query.tenant != viewer.tenant)) return list;
        query.tenant = viewer.tenant;
    }
    if (!request.page_token().empty()) {
        BULKHEAD_TRY_ASSIGN(query.after, parse_number(request.page_token(), 0, INT64_MAX));
        query.newest = false;
    }
    query.limit = request.limit() == 0 ? 100 : std::min<std::size_t>(request.limit(), 1000);
    BULKHEAD_TRY_ASSIGN(auto page, parts_.store.events(query));
    for (auto& event : page.items) *list.add_items() = std::move(event);
    if (page.next != 0) list.set_next(std::to_string(page.next));
    return list;
}

}  // namespace bulkhead::console
