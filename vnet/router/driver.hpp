// Makes tenants' routers: starts, tells and ends their processes. What each is to be stands in a file of its
// own, so a new daemon sees what the last one wanted, and a router that was killed is started anew as it was.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "model/driver.hpp"
#include "model/layout.hpp"
#include "vnet/router/state.hpp"
#include "vnet/space/kept_process.hpp"

namespace bulkhead::vnet::router {

// In words for people.
struct News {
    std::vector<std::string> uplinks;
    std::vector<std::string> tampering;  // with a router's firewall, which the router has put back
};

class RouterDriver final : public model::Driver {
  public:
    // `lacks`: what routers need and the gateway has not, for the planner.
    RouterDriver(model::Layout layout, StartProcess start, std::vector<model::Lack> lacks)
        : layout_(std::move(layout)), start_(std::move(start)), lacks_(std::move(lacks)) {}

    std::string_view name() const override { return "router"; }
    bool handles(const model::Action& action) const override;
    Result<> observe(model::Observed& observed) override;
    Result<> execute(const model::Action& action) override;

    // What each router says of itself now. From any thread.
    std::map<model::TenantName, Result<State>> states() const;
    // There is a process, be it hung or slow.
    bool is_there(const model::TenantName& tenant) const { return process_of(tenant).is_there(); }
    // What befell since the last call.
    News take_news();

  private:
    std::vector<model::TenantName> told() const;
    KeptProcess process_of(const model::TenantName& tenant) const;
    Result<State> state_of(const model::TenantName& tenant) const;
    Result<> create(const model::TenantRouter& router);
    Result<> remove(const model::TenantName& tenant);

    const model::Layout layout_;
    const StartProcess start_;
    const std::vector<model::Lack> lacks_;
    std::map<model::TenantName, State> told_;  // as of the last call of take_news()
};

}  // namespace bulkhead::vnet::router
