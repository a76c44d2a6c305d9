#include "passthrough/inventory/changes.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace bulkhead::passthrough::inventory {
namespace {

constexpr std::size_t most_remembered = 1024;

// Empty: it does not say who it is.
std::string identity_of(const Device& device) {
    if (device.kind != Kind::usb || device.serial_number.empty()) return {};
    return device.vendor_id + ":" + device.product_id + ":" + device.serial_number;
}

}  // namespace

void Changes::remember(const Device& device) {
    const auto identity = identity_of(device);
    if (identity.empty() || (places_.size() >= most_remembered && !places_.contains(identity))) return;
    places_[identity] = device.id;
}

// Not moved, if another of the same identity is still there: some makers give all the same number.
std::string Changes::came_from(const Device& device, const Inventory& now) const {
    const auto known = places_.find(identity_of(device));
    if (known == places_.end() || known->second == device.id) return {};
    const auto* there = now.find(known->second);
    return there != nullptr && identity_of(*there) == known->first ? std::string() : known->second;
}

std::vector<Change> Changes::note(const Inventory& now) {
    std::vector<Change> changes;
    std::set<std::string> left;  // places that something moved from
    const bool first = !std::exchange(looked_, true);
    for (const auto& device : now.devices) {
        const auto* old = before_.find(device.id);
        const bool same = old != nullptr && identity_of(*old) == identity_of(device);
        if (first || same) continue;
        const auto from = came_from(device, now);
        changes.push_back({from.empty() ? Change::What::appeared : Change::What::moved, device, from});
        left.insert(from);
    }
    for (const auto& device : before_.devices)
        if (now.find(device.id) == nullptr && !left.contains(device.id))
            changes.push_back({Change::What::vanished, device, {}});
    for (const auto& device : now.devices) remember(device);
    before_ = now;
    return changes;
}

}  // namespace bulkhead::passthrough::inventory
