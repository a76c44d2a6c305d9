#include "partition-manager/daemon/devices.hpp"

#include <chrono>

#include "base/log.hpp"

namespace bulkhead::daemon {
namespace {

namespace inventory = passthrough::inventory;
using namespace std::chrono_literals;

constexpr auto fresh = 2s;
constexpr std::size_t most_told = 32;  // of one look: who plugs in a hub of hubs is told so

std::string_view code_of(inventory::Change::What what) {
    switch (what) {
        case inventory::Change::What::appeared:
            return "device.appeared";
        case inventory::Change::What::vanished:
            return "device.vanished";
        case inventory::Change::What::moved:
            return "device.moved";
    }
    return "device.appeared";
}

// The partition that has the device which the spec declares at one of these places.
const model::Partition* owner_of(const model::Spec& spec, const inventory::Device& device) {
    for (const auto& partition : spec.partitions)
        for (const auto& use : partition.devices) {
            const auto* declared = spec.find(use.device);
            if (declared == nullptr) continue;
            inventory::Inventory alone;
            alone.devices = {device};
            if (alone.find(*declared) != nullptr) return &partition;
        }
    return nullptr;
}

}  // namespace

void Devices::begin() {
    changes_.note(*current());
    if (auto opened = uevents_.open(); !opened)
        log::warning("devices that come and go are not told", {{"error", opened.error().text()}});
}

Devices::Ptr Devices::current() const {
    const std::scoped_lock lock(mutex_);
    if (const auto now = parts_.clock.monotonic(); !seen_ || now - seen_at_ > fresh) {
        seen_ = std::make_shared<const Inventory>(inventory::look(parts_.tree));
        seen_at_ = now;
    }
    return seen_;
}

void Devices::look() {
    auto now = std::make_shared<const Inventory>(inventory::look(parts_.tree));
    {
        const std::scoped_lock lock(mutex_);
        seen_ = now;
        seen_at_ = parts_.clock.monotonic();
    }
    const auto changes = changes_.note(*now);
    for (std::size_t i = 0; i < changes.size() && i < most_told; ++i) tell(changes[i]);
    if (changes.size() > most_told)
        parts_.record({"device.appeared",
                       "manager",
                       {},
                       {},
                       {},
                       "and " + std::to_string(changes.size() - most_told) + " more: bulkhead get devices"});
    if (!changes.empty()) parts_.changed();
}

void Devices::tell(const inventory::Change& change) {
    const auto snapshot = parts_.board.current();
    const auto* owner = snapshot->spec ? owner_of(*snapshot->spec, change.device) : nullptr;
    apply::Event event;
    event.code = code_of(change.what);
    event.actor = "manager";
    if (owner != nullptr) event.tenant = owner->tenant;
    if (owner != nullptr) event.partition = owner->name;
    event.text = change.device.id + ", " + change.device.title +
                 (change.device.serial_number.empty() ? "" : ", number " + change.device.serial_number);
    if (!change.from.empty()) event.text += "; it was at " + change.from + ", and is assigned by its place";
    parts_.record(event);
}

lifecycle::DeviceFact Devices::fact_of(const model::Device& device) const {
    // Asked twice a second: one look at its place, and not at all the buses.
    lifecycle::DeviceFact fact{device.name.str(), parts_.tree.has("sys/bus/pci/devices/" + device.at), {}};
    if (!fact.present) fact.error = "nothing is at " + device.at;
    // A partition that runs has it by a driver. The kernel takes that away first, and waits for the
    // partition.
    if (fact.present && parts_.tree.link_name("sys/bus/pci/devices/" + device.at + "/driver").empty()) {
        fact.present = false;
        fact.error = "it was pulled out, or has lost its driver";
    }
    return fact;
}

}  // namespace bulkhead::daemon
