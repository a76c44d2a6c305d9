#include "vnet/guard/driver.hpp"

#include "base/file.hpp"
#include "vnet/link.hpp"

namespace bulkhead::vnet::guard {
namespace {

constexpr std::size_t config_limit = 4 * 1024 * 1024;

Result<KeptProcess::Said> said_in(std::string_view payload) {
    BULKHEAD_TRY_ASSIGN(auto state, decode_state(payload));
    return KeptProcess::Said{std::move(state.config), std::move(state.error)};
}

// A leg that lies with the host is in no guard's network.
Result<bool> lies_here(const model::PortName& leg) {
    BULKHEAD_TRY_ASSIGN(auto links, Links::open());
    BULKHEAD_TRY_ASSIGN(const auto link, links.find(leg.str()));
    return link.has_value();
}

std::string words_of(const model::ConduitName& conduit, std::uint64_t times, const std::string& last) {
    return "conduit " + conduit.str() + ": " +
           (times == 1 ? "a request was refused: "
                       : std::to_string(times) + " requests were refused, last: ") +
           last;
}

}  // namespace

bool GuardDriver::handles(const model::Action& action) const {
    return std::holds_alternative<model::CreateGuard>(action) ||
           std::holds_alternative<model::DeleteGuard>(action);
}

Result<> GuardDriver::execute(const model::Action& action) {
    if (const auto* created = std::get_if<model::CreateGuard>(&action)) return create(created->guard);
    if (const auto* deleted = std::get_if<model::DeleteGuard>(&action)) return remove(deleted->tenant);
    return fail(Code::internal, "the guards' driver has no such action: " + std::string(model::verb(action)));
}

std::vector<model::TenantName> GuardDriver::told() const {
    std::vector<model::TenantName> tenants;
    for (const auto& name : ordered_in(layout_.guards())) tenants.emplace_back(name);
    return tenants;
}

KeptProcess GuardDriver::process_of(const model::TenantName& tenant) const {
    return {"guard",
            tenant.str(),
            {layout_.guard_config(tenant), layout_.guard_control(tenant), layout_.guard_folder(tenant)},
            said_in};
}

Result<State> GuardDriver::state_of(const model::TenantName& tenant) const {
    BULKHEAD_TRY_ASSIGN(const auto payload, process_of(tenant).payload());
    return decode_state(payload);
}

Result<model::TenantGuard> GuardDriver::order_of(const model::TenantName& tenant) const {
    BULKHEAD_TRY_ASSIGN(const auto text, read_file(layout_.guard_config(tenant), config_limit));
    return model::parse_guard_text(text);
}

Result<> GuardDriver::observe(model::Observed& observed) {
    for (const auto& tenant : told()) {
        auto& seen = observed.guards[tenant];
        const auto guard = order_of(tenant);
        seen.guard = guard.value_or(model::TenantGuard{});
        seen.guard.tenant = tenant;
        if (!guard) {
            seen.error = guard.error().what;
            continue;
        }
        seen.error = process_of(tenant).flaw_under(model::guard_text(*guard));
        BULKHEAD_TRY_ASSIGN(const bool apart, lies_here(guard->leg));
        if (seen.error.empty() && apart) seen.error = "its leg was made anew, and is not with it";
    }
    return {};
}

// Its network is set up once, before it gives up the right to: with another leg it begins anew.
Result<> GuardDriver::create(const model::TenantGuard& guard) {
    BULKHEAD_TRY(make_folder(layout_.guards(), 0700));
    const auto process = process_of(guard.tenant);
    BULKHEAD_TRY_ASSIGN(const bool apart, lies_here(guard.leg));
    const auto before = order_of(guard.tenant);
    const bool moved = before && (before->leg != guard.leg || before->mac != guard.mac);
    const bool ends = apart || moved || process.is_silent();
    if (ends) BULKHEAD_TRY(process.end());
    // A network ends some time after its last process.
    if (ends && !apart)
        return fail(Code::unavailable, "the port is still the former process's, and goes with it",
                    "guard/" + guard.tenant.str(), {}, "nothing: it is tried again");
    return process.become(model::guard_text(guard), start_);
}

Result<> GuardDriver::remove(const model::TenantName& tenant) {
    std::erase_if(told_, [&](const auto& item) { return item.first.first == tenant; });
    return process_of(tenant).remove();
}

std::map<model::TenantName, Result<State>> GuardDriver::states() const {
    std::map<model::TenantName, Result<State>> all;
    for (const auto& tenant : told()) all.emplace(tenant, state_of(tenant));
    return all;
}

// A guard that was started anew counts from the beginning, and so does a conduit whose rules changed.
std::vector<Refusal> GuardDriver::take_refusals(Moment now) {
    std::vector<Refusal> refusals;
    for (const auto& tenant : told()) {
        const auto state = state_of(tenant);
        if (!state) continue;  // observe() tells
        for (const auto& [conduit, counts] : state->conduits) {
            auto& before = told_[{tenant, conduit}];
            const std::uint64_t amiss = counts.refused + counts.broken;
            if (before.pid != state->pid || amiss < before.count) before.count = 0;
            before.pid = state->pid;
            if (amiss == before.count || now < before.next) continue;
            refusals.push_back({tenant, words_of(conduit, amiss - before.count, counts.last)});
            before.count = amiss;
            before.next = now + pause;
        }
    }
    return refusals;
}

}  // namespace bulkhead::vnet::guard
