#include "vnet/guard/process/proxy.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/helper_connection.hpp"
#include "base/log.hpp"
#include "vnet/space/kept_process.hpp"

namespace bulkhead::vnet::guard {
namespace {

constexpr std::size_t config_limit = 4 * 1024 * 1024;
constexpr int tries_for_a_port = 8;

template <class Address, class Ways, class Name>
void add_ways(const std::set<model::GuardedWay<Address>>& from, const Name& conduit, Ways& ways) {
    for (const auto& each : from)
        ways.emplace(std::tuple(to_string(each.client), to_string(each.server), each.port), conduit);
}

std::set<Listeners::Place> places_of(const model::TenantGuard& wanted) {
    std::set<Listeners::Place> places;
    for (const auto& conduit : wanted.conduits) {
        for (const auto& way : conduit.ways) places.emplace(AF_INET, way.port);
        for (const auto& way : conduit.ways6) places.emplace(AF_INET6, way.port);
    }
    return places;
}

}  // namespace

Result<std::unique_ptr<Proxy>> Proxy::open(Loop& loop, std::filesystem::path config,
                                           const std::filesystem::path& control) {
    std::unique_ptr<Proxy> proxy(new Proxy(loop, std::move(config)));
    proxy->reload();
    // Last: who sees the control socket may rely on what it says.
    BULKHEAD_TRY(proxy->control_.open(control));
    return proxy;
}

Proxy::Proxy(Loop& loop, std::filesystem::path config)
    : loop_(loop),
      config_path_(std::move(config)),
      listeners_(loop, [this](Accepted accepted) { on_client(std::move(accepted)); }),
      control_(loop, {[this] { return encode(state()); },
                      [this](std::string_view request) { on_request(request); }}) {
}

void Proxy::on_request(std::string_view request) {
    if (request == stop_request) {
        log::info("asked to stop");
        loop_.stop();
    } else if (request == reload_request) {
        reload();
        control_.publish();
    }
}

void Proxy::reload() {
    const auto text = read_file(config_path_, config_limit);
    const auto wanted = text ? model::parse_guard_text(*text) : std::unexpected(text.error());
    config_ = text ? config_id(*text) : std::string();
    const auto done = wanted ? become(*wanted) : std::unexpected(wanted.error());
    error_ = done ? std::string() : done.error().text();
    if (!done) log::error("not as it should be: " + error_);
}

Result<> Proxy::become(const model::TenantGuard& wanted) {
    if (wanted.conduits.size() > most_conduits)
        return fail(Code::invalid, "more conduits than a guard has room for", wanted.tenant.str(),
                    "at most " + std::to_string(most_conduits));
    ways_.clear();
    for (const auto& each : wanted.conduits) {
        add_ways(each.ways, each.conduit, ways_);
        add_ways(each.ways6, each.conduit, ways_);
    }
    settle_conduits(wanted);
    BULKHEAD_TRY(listeners_.listen_at(places_of(wanted)));
    log::info("guarding", {{"tenant", wanted.tenant.str()}, {"conduits", std::to_string(conduits_.size())}});
    return {};
}

// A conduit that stays as it is keeps its counts and its connections.
void Proxy::settle_conduits(const model::TenantGuard& wanted) {
    const auto named = [&](const model::ConduitName& name) {
        return std::ranges::find(wanted.conduits, name, &model::GuardedConduit::conduit);
    };
    std::set<model::ConduitName> changed;
    for (const auto& [name, conduit] : conduits_) {
        const auto now = named(name);
        if (now == wanted.conduits.end() || now->guard != conduit->allowed) changed.insert(name);
    }
    std::erase_if(talks_, [&](const auto& item) {
        const auto way = ways_.find(item.second.way);
        return changed.contains(item.second.conduit) || way == ways_.end() ||
               way->second != item.second.conduit;
    });
    for (const auto& name : changed) conduits_.erase(name);
    for (const auto& each : wanted.conduits)
        if (!conduits_.contains(each.conduit))
            conduits_.emplace(each.conduit, std::make_unique<Conduit>(
                                                Conduit{each.guard, bulkhead::modbus::Guard(each.guard)}));
}

// The switch brings nobody else here; who came all the same is told nothing.
void Proxy::on_client(Accepted accepted) {
    const Way way{accepted.client.address, accepted.server.address, accepted.server.port};
    const auto known = ways_.find(way);
    if (known == ways_.end()) {
        reset_at_close(accepted.socket.get());
        return;
    }
    if (!has_room_for(accepted.client)) {
        reset_at_close(accepted.socket.get());
        conduits_.at(known->second)->guard.count_refused("more connections than may be open at a time");
        return;
    }
    if (const auto begun = begin(std::move(accepted), way, known->second); !begun)
        log::warning("no connection to a server: " + begun.error().text());
}

bool Proxy::has_room_for(const End& client) const {
    const auto own = std::ranges::count_if(
        talks_, [&](const auto& item) { return item.second.client.address == client.address; });
    return talks_.size() < most && static_cast<std::size_t>(own) < most_of_one;
}

bool Proxy::is_a_clients(const End& end) const {
    return std::ranges::any_of(talks_, [&](const auto& item) { return item.second.client == end; });
}

// The switch knows connections by addresses and ports: the client's to the server, which ends here, and ours
// in its name may not be the same.
Result<Begun> Proxy::connect_for(const Accepted& accepted) const {
    for (int attempt = 0; attempt < tries_for_a_port; ++attempt) {
        BULKHEAD_TRY_ASSIGN(Begun begun, begin_connection(accepted.client.address, accepted.server));
        if (begun.from != accepted.client && !is_a_clients(begun.from)) return begun;
    }
    return fail(Code::unavailable, "no port is free to speak for a client", accepted.client.address);
}

Result<> Proxy::begin(Accepted accepted, const Way& way, const model::ConduitName& conduit) {
    BULKHEAD_TRY_ASSIGN(Begun begun, connect_for(accepted));
    const auto number = ++last_talk_;
    auto over = [this, number] { loop_.post([this, number] { talks_.erase(number); }); };
    auto relay = std::make_unique<Relay>(loop_, std::move(accepted.socket), std::move(begun.socket),
                                         conduits_.at(conduit)->guard, std::move(over));
    BULKHEAD_TRY(relay->begin());
    talks_.emplace(number, Talk{conduit, way, accepted.client, std::move(relay)});
    return {};
}

State Proxy::state() const {
    State now{config_, error_, {}, ::getpid()};
    for (const auto& [name, conduit] : conduits_) now.conduits.emplace(name, conduit->guard.counts());
    return now;
}

}  // namespace bulkhead::vnet::guard
