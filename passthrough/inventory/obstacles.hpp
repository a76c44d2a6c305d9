// Why a device can't be assigned: pure functions of what is there and what the spec has given away already.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "model/spec.hpp"
#include "passthrough/inventory/inventory.hpp"

namespace bulkhead::passthrough::inventory {

struct Obstacle {
    std::string why;
    std::string mend;  // empty: nothing can be done
    bool operator==(const Obstacle&) const = default;
};

// What the spec has given away. Nothing, for who knows no spec.
struct Claims {
    std::string management;                    // the network card that the gateway is managed over
    std::map<std::string, std::string> cards;  // network card -> "uplink wan", "the wire of zone cell"
    struct Owner {
        model::DeviceName device;
        model::PartitionName partition;
    };
    std::map<std::string, Owner> owners;  // by the device's id
};

// Of the kernel, that a mediated CAN bus needs.
std::vector<Obstacle> lacks_of_can(const Inventory& inventory);

Claims claims_of(const model::Spec& spec, const Inventory& inventory);

// All that keeps it from being assigned to the partition that the claims name as its owner, or to anybody if
// they name none. What a gateway could never do comes first.
std::vector<Obstacle> obstacles(const Inventory& inventory, const Claims& claims, const Device& device);

struct Refusal {
    model::DeviceName device;
    Error error;
};
// Assignments of the spec that can't be. A serial line or USB device that is not there may come; a PCI
// function must be there, and so must a CAN controller that is one.
std::vector<Refusal> refusals(const model::Spec& spec, const Inventory& inventory);

}  // namespace bulkhead::passthrough::inventory
