// What people see: snapshots, guests and counters as the messages of the control API. May be called from any
// thread.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "base/clock.hpp"
#include "bulkhead/v1alpha1/fleet.pb.h"
#include "partition-manager/apply/events.hpp"
#include "partition-manager/daemon/guard_view.hpp"
#include "partition-manager/daemon/guests.hpp"
#include "partition-manager/daemon/snapshot.hpp"
#include "partition-manager/trust/results.hpp"
#include "passthrough/inventory/inventory.hpp"
#include "passthrough/mode.hpp"
#include "vnet/driver.hpp"

namespace bulkhead::daemon {

struct ViewSources {
    const Board& board;
    const Guests& guests;
    const Clock& clock;
    std::function<Result<vnet::Traffic>()> traffic;
    std::function<std::map<model::DeviceName, passthrough::Hold>()> holds;
    const trust::Results& results;
    // What the fleet adds: console and signature.
    std::function<void(v1alpha1::Status&)> complete_status = [](v1alpha1::Status&) {};
    // What the switch and the routers add.
    std::function<void(v1alpha1::GatewayReport&)> complete_report = [](v1alpha1::GatewayReport&) {};
    // What is on the buses. Shared: the next look may come meanwhile.
    std::function<std::shared_ptr<const passthrough::inventory::Inventory>()> inventory = [] {
        return std::make_shared<const passthrough::inventory::Inventory>();
    };
    std::function<GuardStates()> guards = [] { return GuardStates(); };
};

class Views {
  public:
    explicit Views(ViewSources sources) : sources_(std::move(sources)) {}

    v1alpha1::Status status() const;
    v1alpha1::PartitionList partitions(const v1alpha1::ListRequest& request) const;
    v1alpha1::DeviceList devices(const v1alpha1::ListRequest& request) const;
    v1alpha1::ZoneList zones(const v1alpha1::ListRequest& request) const;
    v1alpha1::ConduitList conduits(const v1alpha1::ListRequest& request) const;
    v1alpha1::EventList events(const apply::EventPage& page) const;
    // All of them at once, for the console.
    v1alpha1::GatewayReport report() const;

  private:
    void fill_status(v1alpha1::Status& view) const;

    ViewSources sources_;
};

}  // namespace bulkhead::daemon
