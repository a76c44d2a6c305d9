// One tenant's router at work: what it was told, put in force step by step, and looked after.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/helper_control.hpp"
#include "base/loop.hpp"
#include "model/router.hpp"
#include "vnet/router/process/name_server_process.hpp"
#include "vnet/router/process/options.hpp"
#include "vnet/router/process/prober.hpp"
#include "vnet/router/process/rule_watch.hpp"
#include "vnet/router/state.hpp"
#include "vnet/space/own_network.hpp"

namespace bulkhead::vnet::router {

class Router {
  public:
    // Answers on its control socket when this returns. A configuration that can't be put in force is told
    // there.
    static Result<std::unique_ptr<Router>> open(Loop& loop, const Options& options, OwnNetwork space);

  private:
    Router(Loop& loop, Options options, OwnNetwork space);
    // Reads what it is to be, and becomes it: legs, firewall, names and addresses, ways out.
    void reload();
    Result<> become(const model::TenantRouter& wanted);
    Result<> set_up_legs(const model::TenantRouter& wanted);
    Result<> set_up_firewall(const model::TenantRouter& wanted);
    void put_firewall_back(const std::string& who);
    void look_after(const model::TenantRouter& wanted);
    Result<> use_best_uplink();
    std::string missing_leg() const;
    Result<std::filesystem::path> write(const char* name, const std::string& text) const;
    void on_request(std::string_view request);
    State state() const;

    Loop& loop_;
    const Options options_;
    const OwnNetwork space_;
    std::optional<model::TenantRouter> router_;  // in force, as far as it came
    std::string config_;
    std::string error_;
    Tampering tampering_;
    std::unique_ptr<RuleWatch> rules_;
    NameServer name_server_;
    std::vector<std::unique_ptr<Prober>> probers_;  // by uplink
    std::optional<std::size_t> used_;
    HelperControl control_;
};

}  // namespace bulkhead::vnet::router
