#include "vnet/router/process/router.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "base/helper_connection.hpp"
#include "base/log.hpp"
#include "base/program.hpp"
#include "vnet/router/health.hpp"
#include "vnet/router/links.hpp"
#include "vnet/router/name_server.hpp"
#include "vnet/router/process/settings.hpp"
#include "vnet/router/ruleset.hpp"
#include "vnet/space/kept_process.hpp"

namespace bulkhead::vnet::router {
namespace {

constexpr std::size_t config_limit = 4 * 1024 * 1024;

}  // namespace

Result<std::unique_ptr<Router>> Router::open(Loop& loop, const Options& options, OwnNetwork space) {
    std::unique_ptr<Router> router(new Router(loop, options, std::move(space)));
    BULKHEAD_TRY_ASSIGN(router->rules_,
                        RuleWatch::open(loop, [router = router.get()](const std::string& who) {
                            router->put_firewall_back(who);
                        }));
    router->reload();
    // Last: who sees the control socket may rely on what it says.
    BULKHEAD_TRY(router->control_.open(options.control));
    return router;
}

Router::Router(Loop& loop, Options options, OwnNetwork space)
    : loop_(loop),
      options_(std::move(options)),
      space_(std::move(space)),
      name_server_(loop, options_.folder, [this] { control_.publish(); }),
      control_(loop, {[this] { return encode(state()); },
                      [this](std::string_view request) { on_request(request); }}) {
}

void Router::on_request(std::string_view request) {
    if (request == stop_request) {
        log::info("asked to stop");
        loop_.stop();
    } else if (request == reload_request) {
        reload();
        control_.publish();
    }
}

void Router::reload() {
    const auto text = read_file(options_.config, config_limit);
    const auto wanted = text ? model::parse_router_text(*text) : std::unexpected(text.error());
    config_ = text ? config_id(*text) : std::string();
    const auto done = wanted ? become(*wanted) : std::unexpected(wanted.error());
    error_ = done ? std::string() : done.error().text();
    if (!done) log::error("not as it should be: " + error_);
}

// The firewall stands before the first leg is up, and is changed in one moment.
Result<> Router::become(const model::TenantRouter& wanted) {
    BULKHEAD_TRY(set_up_firewall(wanted));
    BULKHEAD_TRY(set_up_legs(wanted));
    look_after(wanted);
    router_ = wanted;
    BULKHEAD_TRY(name_server_.serve(
        needs_name_server(wanted) ? name_server_settings(wanted, name_server_.leases()) : std::string()));
    used_.reset();
    BULKHEAD_TRY(use_best_uplink());
    log::info("routing", {{"tenant", wanted.tenant.str()},
                          {"zones", std::to_string(wanted.legs.size())},
                          {"uplinks", std::to_string(wanted.uplinks.size())}});
    return {};
}

Result<std::filesystem::path> Router::write(const char* name, const std::string& text) const {
    auto path = options_.folder / name;
    BULKHEAD_TRY(write_file_atomically(path, text, 0600));
    return path;
}

Result<> Router::set_up_firewall(const model::TenantRouter& wanted) {
    BULKHEAD_TRY_ASSIGN(const auto path, write("ruleset.nft", ruleset(wanted)));
    const std::array<std::string, 2> arguments{"-f", path.string()};
    BULKHEAD_TRY(run_program("/usr/sbin/nft", arguments, {}, "apt install nftables"));
    rules_->made_one();
    return {};
}

// The rules are ours alone. Between another's change and this the switch still asks for a conduit.
void Router::put_firewall_back(const std::string& who) {
    ++tampering_.times;
    tampering_.who = who;
    log::warning("somebody changed the firewall", {{"who", who}});
    if (router_)
        if (const auto done = set_up_firewall(*router_); !done) error_ = done.error().text();
    control_.publish();
}

// What fails halfway leaves a leg without addresses at worst: the next try sets it up from the start.
Result<> Router::set_up_legs(const model::TenantRouter& wanted) {
    const auto before = std::exchange(router_, std::nullopt);
    const auto* const in_force = before ? &*before : nullptr;
    if (const auto outdated = outdated_legs(wanted, space_.interfaces(), in_force); !outdated.empty()) {
        BULKHEAD_TRY_ASSIGN(const auto path, write("legs.outdated", removal_batch(outdated)));
        BULKHEAD_TRY(space_.run_batch(path));
    }
    const auto present = space_.interfaces();
    if (const auto batch = host_batch(wanted, present, space_.path()); !batch.empty()) {
        BULKHEAD_TRY_ASSIGN(const auto path, write("legs.host", batch));
        BULKHEAD_TRY(space_.run_batch_in_host(path));
    }
    for (const auto& leg : wanted.legs)
        if (leg.subnet6) BULKHEAD_TRY(allow_ipv6(model::router_leg_name(leg.zone).str()));
    for (const auto& uplink : wanted.uplinks)
        if (uplink.address6) BULKHEAD_TRY(allow_ipv6(uplink.leg.str()));
    const auto batch = own_batch(wanted, present, in_force);
    BULKHEAD_TRY_ASSIGN(const auto path, write("legs.own", batch));
    return space_.run_batch(path);
}

// An uplink that stays the same keeps what is known of it.
void Router::look_after(const model::TenantRouter& wanted) {
    auto before = std::exchange(probers_, {});
    for (const auto& uplink : wanted.uplinks) {
        const auto same =
            std::ranges::find_if(before, [&](const auto& each) { return each && each->uplink() == uplink; });
        probers_.push_back(same != before.end() ? std::move(*same)
                                                : std::make_unique<Prober>(loop_, uplink, [this] {
                                                      if (const auto done = use_best_uplink(); !done)
                                                          error_ = done.error().text();
                                                      control_.publish();
                                                  }));
    }
}

Result<> Router::use_best_uplink() {
    std::vector<bool> healthy;
    for (const auto& each : probers_) healthy.push_back(each->healthy());
    const auto best = choose(healthy, used_);
    if (!router_ || !best || best == used_) return {};
    BULKHEAD_TRY_ASSIGN(const auto path,
                        write("default.own", default_route(*router_, probers_[*best]->uplink())));
    BULKHEAD_TRY(space_.run_batch(path));
    used_ = best;
    log::info("the way out", {{"uplink", probers_[*best]->uplink().name.str()}});
    return {};
}

// A leg whose switch's end was deleted is gone too.
std::string Router::missing_leg() const {
    const auto present = space_.interfaces();
    if (router_)
        for (const auto& leg : router_->legs)
            if (!present.contains(model::router_leg_name(leg.zone).str()))
                return "its leg into zone " + leg.zone.str() + " is gone";
    return {};
}

State Router::state() const {
    State now{config_, error_, {}, tampering_, ::getpid()};
    if (now.error.empty()) now.error = missing_leg();
    if (now.error.empty()) now.error = name_server_.error();
    for (std::size_t i = 0; i < probers_.size(); ++i)
        now.uplinks.push_back({probers_[i]->uplink().name, probers_[i]->healthy(), used_ == i});
    return now;
}

}  // namespace bulkhead::vnet::router
