// The gateway's own network: the switch, tenants' routers and the guards of conduits, each with its program.
#pragma once

#include <memory>
#include <vector>

#include "partition-manager/daemon/launcher.hpp"
#include "partition-manager/daemon/options.hpp"
#include "partition-manager/daemon/switch_sources.hpp"
#include "vnet/driver.hpp"
#include "vnet/features.hpp"
#include "vnet/guard/driver.hpp"
#include "vnet/left_checksums.hpp"
#include "vnet/router/driver.hpp"

namespace bulkhead::daemon {

class Network {
  public:
    // Options and launcher outlive this. `lacks`: what routers and guards need and this host has not.
    Network(const Options& options, const Launcher& launcher, std::vector<model::Lack> lacks,
            std::unique_ptr<vnet::SwitchDriver> ports);
    Network(const Network&) = delete;  // the switch asks us
    Network& operator=(const Network&) = delete;

    vnet::SwitchDriver& ports() { return *ports_; }
    const vnet::SwitchDriver& ports() const { return *ports_; }
    vnet::router::RouterDriver& routers() { return routers_; }
    vnet::guard::GuardDriver& guards() { return guards_; }
    const vnet::guard::GuardDriver& guards() const { return guards_; }

    // What the switch's part of the API asks, beside what is remembered.
    SwitchSources sources(const Board& board, const Clock& clock, apply::Store& store,
                          std::function<void(const apply::Event&)> record);
    // What switch, routers and guards need of this host, and whether it is there. From any thread.
    std::vector<vnet::Feature> features(const vnet::LeftChecksums& left_checksums) const;
    // A switch without ports is of use to nobody. One with ports goes on without us.
    void give_up_unused();

  private:
    const model::Layout& layout_;
    const std::vector<model::Lack> lacks_;
    const std::unique_ptr<vnet::SwitchDriver> ports_;
    vnet::router::RouterDriver routers_;
    vnet::guard::GuardDriver guards_;
};

}  // namespace bulkhead::daemon
