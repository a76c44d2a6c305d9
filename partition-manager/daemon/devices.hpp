// The devices on the gateway's buses, live: looked at anew when the kernel says that something came or went,
// and told as events.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "base/clock.hpp"
#include "base/loop.hpp"
#include "partition-manager/apply/events.hpp"
#include "partition-manager/daemon/snapshot.hpp"
#include "partition-manager/lifecycle/health.hpp"
#include "passthrough/inventory/changes.hpp"
#include "passthrough/inventory/inventory.hpp"
#include "passthrough/inventory/uevents.hpp"

namespace bulkhead::daemon {

class Devices {
  public:
    struct Parts {
        Loop& loop;
        const Clock& clock;
        const Board& board;  // whose each device is
        std::function<void(const apply::Event&)> record;
        std::function<void()> changed;  // something came or went; on the loop
        passthrough::inventory::Tree tree;
    };
    using Inventory = passthrough::inventory::Inventory;
    // Shared: readers on other threads outlive the next look.
    using Ptr = std::shared_ptr<const Inventory>;

    explicit Devices(Parts parts) : parts_(std::move(parts)), uevents_(parts_.loop, [this] { look(); }) {}

    // On the loop. Without the kernel's events, each view still shows what is there.
    void begin();

    // From any thread: what was there 2 s ago at the most.
    Ptr current() const;
    // The gateway's side of a PCI function. Of a serial line its owner knows better.
    lifecycle::DeviceFact fact_of(const model::Device& device) const;

  private:
    void look();
    void tell(const passthrough::inventory::Change& change);

    Parts parts_;
    passthrough::inventory::Changes changes_;
    passthrough::inventory::Uevents uevents_;
    mutable std::mutex mutex_;
    mutable Ptr seen_;
    mutable MonotonicTime seen_at_;
};

}  // namespace bulkhead::daemon
