#include "vnet/router/driver.hpp"

#include <algorithm>
#include <set>

#include "base/file.hpp"
#include "vnet/router/cards.hpp"

namespace bulkhead::vnet::router {
namespace {

constexpr std::size_t config_limit = 4 * 1024 * 1024;

Result<KeptProcess::Said> said_in(std::string_view payload) {
    BULKHEAD_TRY_ASSIGN(auto state, decode_state(payload));
    return KeptProcess::Said{std::move(state.config), std::move(state.error)};
}

void tell_uplinks(const model::TenantName& tenant, const std::vector<UplinkState>& before,
                  const std::vector<UplinkState>& present, std::vector<std::string>& news) {
    for (const auto& now : present) {
        const auto was = std::ranges::find(before, now.name, &UplinkState::name);
        const auto words = "uplink " + now.name.str() + " of " + tenant.str();
        const UplinkState then = was == before.end() ? UplinkState{now.name, true, now.used} : *was;
        if (then.healthy != now.healthy)
            news.push_back(words + (now.healthy ? " is back" : " leads nowhere"));
        if (!then.used && now.used) news.push_back(words + " is used now");
    }
}

// A network ends some time after its last process, and takes the legs and the switch's ports along. A router
// that began before would look, to the switch, as if it was there when its ports were taken away.
Result<> legs_are_free(const model::TenantRouter& router, Links& links) {
    for (const auto& leg : router.legs) {
        BULKHEAD_TRY_ASSIGN(const auto link, links.find(model::router_leg_name(leg.zone).str()));
        if (!link)
            return fail(
                Code::unavailable,
                "the port of zone " + leg.zone.str() + " is still the former process's, and goes with it",
                "router/" + router.tenant.str(), {}, "nothing: it is tried again");
    }
    return {};
}

}  // namespace

bool RouterDriver::handles(const model::Action& action) const {
    return std::holds_alternative<model::CreateRouter>(action) ||
           std::holds_alternative<model::DeleteRouter>(action);
}

Result<> RouterDriver::execute(const model::Action& action) {
    if (const auto* created = std::get_if<model::CreateRouter>(&action)) return create(created->router);
    if (const auto* deleted = std::get_if<model::DeleteRouter>(&action)) return remove(deleted->tenant);
    return fail(Code::internal,
                "the router's driver has no such action: " + std::string(model::verb(action)));
}

std::vector<model::TenantName> RouterDriver::told() const {
    std::vector<model::TenantName> tenants;
    for (const auto& name : ordered_in(layout_.routers())) tenants.emplace_back(name);
    return tenants;
}

KeptProcess RouterDriver::process_of(const model::TenantName& tenant) const {
    return {"router",
            tenant.str(),
            {layout_.router_config(tenant), layout_.router_control(tenant), layout_.router_folder(tenant)},
            said_in};
}

Result<State> RouterDriver::state_of(const model::TenantName& tenant) const {
    BULKHEAD_TRY_ASSIGN(const auto payload, process_of(tenant).payload());
    return decode_state(payload);
}

Result<> RouterDriver::observe(model::Observed& observed) {
    observed.router_lacks = lacks_;
    for (const auto& tenant : told()) {
        auto& seen = observed.routers[tenant];
        const auto text = read_file(layout_.router_config(tenant), config_limit);
        const auto router = text ? model::parse_router_text(*text) : std::unexpected(text.error());
        seen.router = router.value_or(model::TenantRouter{});
        seen.router.tenant = tenant;
        seen.error = router ? process_of(tenant).flaw_under(*text) : router.error().what;
    }
    return {};
}

Result<> RouterDriver::create(const model::TenantRouter& router) {
    BULKHEAD_TRY(make_folder(layout_.routers(), 0711));  // dnsmasq is nobody when it reads there
    BULKHEAD_TRY_ASSIGN(auto links, Links::open());
    Cards cards(layout_, links);
    std::set<std::string> whole;
    std::set<std::string> shared;
    for (const auto& uplink : router.uplinks) {
        BULKHEAD_TRY(uplink.vlan == 0 ? cards.take(uplink.card, router.tenant)
                                      : cards.share(uplink.card, router.tenant));
        (uplink.vlan == 0 ? whole : shared).insert(uplink.card);
    }
    const auto process = process_of(router.tenant);
    if (process.is_silent()) BULKHEAD_TRY(process.end());
    if (!process.is_there()) BULKHEAD_TRY(legs_are_free(router, links));
    BULKHEAD_TRY(process.become(model::router_text(router), start_));
    return cards.give_back(router.tenant, whole, shared);
}

Result<> RouterDriver::remove(const model::TenantName& tenant) {
    const auto process = process_of(tenant);
    BULKHEAD_TRY(process.end());
    BULKHEAD_TRY_ASSIGN(auto links, Links::open());
    BULKHEAD_TRY(Cards(layout_, links).give_back(tenant, {}, {}));
    told_.erase(tenant);
    return process.remove();
}

std::map<model::TenantName, Result<State>> RouterDriver::states() const {
    std::map<model::TenantName, Result<State>> all;
    for (const auto& tenant : told()) all.emplace(tenant, state_of(tenant));
    return all;
}

News RouterDriver::take_news() {
    News news;
    for (const auto& tenant : told()) {
        auto state = state_of(tenant);
        if (!state) continue;  // observe() tells
        auto& before = told_[tenant];
        tell_uplinks(tenant, before.uplinks, state->uplinks, news.uplinks);
        // A router that was started anew counts from the beginning.
        const bool same = before.pid == state->pid;
        if (const unsigned known = same ? before.tampering.times : 0; state->tampering.times > known)
            news.tampering.push_back("the firewall of router " + tenant.str() + " was changed by " +
                                     state->tampering.who + ", and was put back");
        before = std::move(*state);
    }
    return news;
}

}  // namespace bulkhead::vnet::router
