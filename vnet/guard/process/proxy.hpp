// The guard of one tenant's conduits at work: whom it was told of may talk through it, each conduit by its
// own rules.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "base/helper_control.hpp"
#include "base/loop.hpp"
#include "modbus/guard.hpp"
#include "model/conduit_guard.hpp"
#include "vnet/guard/process/listeners.hpp"
#include "vnet/guard/process/relay.hpp"
#include "vnet/guard/state.hpp"

namespace bulkhead::vnet::guard {

class Proxy {
  public:
    // Of one client's address, and of all: two descriptors and a few hundred bytes each.
    static constexpr std::size_t most_of_one = 16;
    static constexpr std::size_t most = 400;

    // Answers on its control socket when this returns. An order that can't be put in force is told there.
    static Result<std::unique_ptr<Proxy>> open(Loop& loop, std::filesystem::path config,
                                               const std::filesystem::path& control);

  private:
    struct Conduit {
        model::ModbusGuard allowed;
        bulkhead::modbus::Guard guard;
    };
    using Way = std::tuple<std::string, std::string, std::uint16_t>;  // client, server, its port
    using Ways = std::map<Way, model::ConduitName>;
    struct Talk {
        model::ConduitName conduit;
        Way way;
        End client;
        std::unique_ptr<Relay> relay;
    };

    Proxy(Loop& loop, std::filesystem::path config);
    void on_request(std::string_view request);
    // Reads what it is to be, and becomes it. Connections under what changed end.
    void reload();
    Result<> become(const model::TenantGuard& wanted);
    void settle_conduits(const model::TenantGuard& wanted);
    void on_client(Accepted accepted);
    bool has_room_for(const End& client) const;
    Result<> begin(Accepted accepted, const Way& way, const model::ConduitName& conduit);
    Result<Begun> connect_for(const Accepted& accepted) const;
    bool is_a_clients(const End& end) const;
    State state() const;

    Loop& loop_;
    const std::filesystem::path config_path_;
    std::string config_;
    std::string error_;
    std::map<model::ConduitName, std::unique_ptr<Conduit>> conduits_;
    Ways ways_;
    std::map<std::uint64_t, Talk> talks_;
    std::uint64_t last_talk_ = 0;
    Listeners listeners_;
    HelperControl control_;
};

}  // namespace bulkhead::vnet::guard
