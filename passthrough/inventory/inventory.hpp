// All that is on the buses of a gateway, as it is at this moment. A pure function of what the kernel and udev
// tell.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/spec.hpp"
#include "passthrough/inventory/device.hpp"
#include "passthrough/inventory/tree.hpp"

namespace bulkhead::passthrough::inventory {

struct Inventory {
    std::vector<Device> devices;  // kind after kind, each in the order of its places; at most 512
    std::map<std::string, std::string> disks;  // see disks_in_use()
    bool iommu = false;                        // the kernel works one
    bool vfio = false;                         // and has the driver that hands functions to guests
    bool can_raw = false;                      // it lets programs speak CAN
    bool vcan = false;                         // and makes virtual CAN interfaces
    bool can_denied = false;                   // AppArmor keeps QEMU from speaking it
    bool operator==(const Inventory&) const = default;

    // Null if there is none. Pointers live as long as the inventory is unchanged.
    const Device* find(std::string_view id) const;
    // What a device of a spec names.
    const Device* find(const model::Device& declared) const;
    // The adapter or controller that a device is part of.
    const Device* parent_of(const Device& device) const;
    // All that goes with it, if it goes.
    std::vector<const Device*> inside(const Device& device) const;
};

Inventory look(const Tree& tree = Tree());

}  // namespace bulkhead::passthrough::inventory
