#include "vnet/router/driver.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>

#include "base/file.hpp"
#include "base/name.hpp"
#include "vnet/router/cards.hpp"

namespace bulkhead::vnet::router {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
constexpr auto answer_deadline = 2s;
constexpr auto start_deadline = 20s;
constexpr auto patience = 5s;
constexpr std::size_t config_limit = 4 * 1024 * 1024;
constexpr const char* helper = "router";

std::chrono::milliseconds left(Clock::time_point deadline) {
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()));
}

// Nothing is wrong, or the reason.
std::string flaw_of(const Result<State>& state, const std::string& text) {
    if (!state) return "its process does not answer: " + state.error().what;
    if (state->config != config_id(text)) return "it was told something else";
    return state->error;
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
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(layout_.routers(), error))
        if (entry.path().extension() == ".json" && is_label(entry.path().stem().string()))
            tenants.emplace_back(entry.path().stem().string());
    return tenants;
}

Result<State> RouterDriver::state_of(const model::TenantName& tenant) const {
    BULKHEAD_TRY_ASSIGN(auto process, HelperConnection::open(layout_.router_control(tenant), helper));
    BULKHEAD_TRY_ASSIGN(const auto payload, process.state(answer_deadline));
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
        seen.error = router ? flaw_of(state_of(tenant), *text) : router.error().what;
    }
    return {};
}

// What it is to be is on disk before the process is told: whoever starts it makes it that.
Result<> RouterDriver::create(const model::TenantRouter& router) {
    const auto control = layout_.router_control(router.tenant);
    const auto config = layout_.router_config(router.tenant);
    const auto text = model::router_text(router);
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
    BULKHEAD_TRY(write_file_atomically(config, text, 0600));
    // Before the start, so that its first event is not missed.
    const auto state = state_of(router.tenant);
    if (state && state->config == config_id(text) && state->error.empty())
        return cards.give_back(router.tenant, whole, shared);
    auto process = HelperConnection::open(control, helper);
    if (process && !state) {  // it is there and hung
        BULKHEAD_TRY(process->end(stop_request, patience));
        process = std::unexpected(state.error());
    }
    if (process)
        BULKHEAD_TRY(process->ask(reload_request));
    else
        BULKHEAD_TRY(start_({"bulkhead-router", "--config", config.string(), "--control", control.string(),
                             "--folder", layout_.router_folder(router.tenant).string()}));
    BULKHEAD_TRY(await(router.tenant, config_id(text)));
    return cards.give_back(router.tenant, whole, shared);
}

// It says so on its control socket, which it moves into place as the last thing of its start.
Result<> RouterDriver::await(const model::TenantName& tenant, const std::string& config) const {
    const auto deadline = Clock::now() + start_deadline;
    const auto control = layout_.router_control(tenant);
    const Fd folder(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!folder || ::inotify_add_watch(folder.get(), control.parent_path().c_str(), IN_MOVED_TO) < 0)
        return fail_errno("can't watch the routers' folder", control.parent_path().string());
    while (left(deadline) > 0ms) {
        auto process = HelperConnection::open(control, helper);
        while (process) {
            const auto payload = process->state(left(deadline));
            if (!payload) break;
            BULKHEAD_TRY_ASSIGN(const State state, decode_state(*payload));
            if (state.config != config) continue;  // it has not come to it yet
            if (state.error.empty()) return {};
            return fail(Code::io, state.error, "router/" + tenant.str());
        }
        pollfd events{folder.get(), POLLIN, 0};
        if (::poll(&events, 1, static_cast<int>(left(deadline).count())) <= 0) break;
        alignas(inotify_event) std::array<char, 4096> said{};
        [[maybe_unused]] const ssize_t got = ::read(folder.get(), said.data(), said.size());
    }
    return fail(Code::timeout, "the router does not serve", tenant.str(), {}, "its log says why");
}

Result<> RouterDriver::remove(const model::TenantName& tenant) {
    if (auto process = HelperConnection::open(layout_.router_control(tenant), helper))
        BULKHEAD_TRY(process->end(stop_request, patience));
    BULKHEAD_TRY_ASSIGN(auto links, Links::open());
    BULKHEAD_TRY(Cards(layout_, links).give_back(tenant, {}, {}));
    std::error_code error;
    std::filesystem::remove_all(layout_.router_folder(tenant), error);
    if (error)
        return fail(Code::io, "can't remove: " + error.message(), layout_.router_folder(tenant).string());
    const auto control = layout_.router_control(tenant);
    for (const auto& file : {control, std::filesystem::path(control.string() + ".new")})
        BULKHEAD_TRY(remove_file(file));
    told_.erase(tenant);
    return remove_file(layout_.router_config(tenant));  // last: until then the router is seen
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
