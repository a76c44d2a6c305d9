#include "passthrough/inventory/obstacles.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/name.hpp"
#include "model/pci_address.hpp"
#include "passthrough/inventory/network.hpp"

namespace bulkhead::passthrough::inventory {
namespace {

// The processes of ours that own a line or work a bus are no strangers to it.
constexpr std::array own_programs{std::string_view("bulkhead-serial"), std::string_view("bulkhead-line"),
                                  can_mark};

constexpr std::string_view vfio = "vfio-pci";

// A place that is known while nothing is there, too.
std::string id_of_place(const model::Device& declared) {
    return declared.kind == model::DeviceKind::serial
               ? std::string()
               : std::string(to_string(declared.kind)) + ":" + declared.at;
}

bool is_in_use(const Device& device) {
    return !device.used_by.empty() && std::ranges::none_of(own_programs, [&](std::string_view program) {
        return device.used_by.starts_with(program);
    });
}

// Judges one device; `found` grows.
class Judge {
  public:
    Judge(const Inventory& inventory, const Claims& claims, const Device& device)
        : inventory_(inventory), claims_(claims), device_(device) {}

    std::vector<Obstacle> judge() && {
        of_its_kind();
        of_what_it_holds();
        of_what_it_is_part_of();
        return std::move(found_);
    }

  private:
    void add(std::string why, std::string mend = {}) { found_.push_back({std::move(why), std::move(mend)}); }

    const Claims::Owner* owner_of(const std::string& id) const {
        const auto owner = claims_.owners.find(id);
        return owner == claims_.owners.end() ? nullptr : &owner->second;
    }

    void of_its_kind() {
        switch (device_.kind) {
            case Kind::pci:
                return of_a_function();
            case Kind::usb:
                return of_a_usb_device();
            case Kind::serial:
                if (is_in_use(device_)) add("is in use: " + device_.used_by, "end what uses it");
                return;
            case Kind::can:
                return of_a_bus();
            case Kind::gpio:
                return add("GPIO lines can't be assigned");
            case Kind::nic:
                add("is a network card", "name it as the wire of a zone or as an uplink");
                return of_a_card(device_);
            case Kind::tpm:
                return add("is the gateway's TPM");
        }
    }

    // One that is up at another bit rate is refused when it is brought up: no file of the kernel says its
    // rate.
    void of_a_bus() {
        for (auto& lack : lacks_of_can(inventory_)) found_.push_back(std::move(lack));
    }

    void of_a_function() {
        if (device_.board) add("is part of the gateway's board");
        if (!inventory_.iommu)
            add("no IOMMU: boot with intel_iommu=on", "turn on VT-d in the firmware, too");
        else if (device_.group.empty())
            add("has no IOMMU group");
        else if (!inventory_.vfio)
            add("the kernel has no driver vfio-pci", "modprobe vfio-pci");
        // QEMU would pass it on, but for a warning; and that warning is written over the head of the guest's
        // kernel, which QEMU keeps where its stack grows (7.2, load_elfboot): the guest does not boot.
        if (!device_.board && device_.resets.empty())
            add("can't be reset: the next owner would find what the last one left in it",
                "put it into a slot of its own: its bus can be reset");
        for (const auto& member : device_.group_members) of_a_neighbour(member);
    }

    // What shares the group could read and write the guest's memory, and the guest its.
    void of_a_neighbour(const std::string& member) {
        const auto* own = owner_of(device_.id);
        const auto* other = owner_of("pci:" + member);
        if (own != nullptr && other != nullptr && own->partition == other->partition) return;
        add("shares IOMMU group " + device_.group + " with " + member,
            other == nullptr || own == nullptr
                ? "give both to one partition, or put the card into another slot"
                : "partition " + other->partition.str() + " has that: give both to one");
    }

    void of_a_usb_device() {
        if (device_.board) add("is a hub", "name a port of it");
    }

    void of_a_card(const Device& card) {
        if (card.node == claims_.management) return add("is the management's network card, " + card.node);
        if (const auto user = claims_.cards.find(card.node); user != claims_.cards.end())
            return add("is " + user->second + ", " + card.node, "take it from the spec there");
        if (card.carries_host) add("carries the gateway's own addresses, " + card.node);
    }

    void of_what_it_holds() {
        for (const auto& [place, what] : inventory_.disks)
            if (is_within(place, device_.place)) add("holds " + what);
        for (const auto* part : inventory_.inside(device_)) of_a_part(*part);
    }

    void of_a_part(const Device& part) {
        if (part.kind == Kind::nic) return of_a_card(part);
        if (part.kind == Kind::tpm) return add("holds the gateway's TPM");
        if (const auto* owner = owner_of(part.id))
            return add("holds device " + owner->device.str() + " of partition " + owner->partition.str(),
                       "assign the one or the other");
        if (!is_in_use(part)) return;
        if (part.kind == Kind::can)
            add("its CAN interface " + part.node + " is up", "ip link set " + part.node + " down");
        else
            add("its port " + part.node + " is in use: " + part.used_by, "end what uses it");
    }

    void of_what_it_is_part_of() {
        for (const auto* outer = inventory_.parent_of(device_); outer != nullptr;
             outer = inventory_.parent_of(*outer))
            if (const auto* owner = owner_of(outer->id))
                add("is part of device " + owner->device.str() + " of partition " + owner->partition.str(),
                    "assign the one or the other");
    }

    const Inventory& inventory_;
    const Claims& claims_;
    const Device& device_;
    std::vector<Obstacle> found_;
};

Error error_of(const Device& device, const Obstacle& obstacle) {
    return {Code::refused, device.node + " " + obstacle.why, {}, {}, obstacle.mend};
}

Error absent(const std::string& address, const Inventory& inventory) {
    std::vector<std::string> known;
    for (const auto& each : inventory.devices)
        if (each.kind == Kind::pci && !each.board) known.push_back(each.at);
    const auto meant = nearest(address, known);
    return {Code::not_found,
            "there is no PCI function at " + address,
            {},
            "one that bulkhead get devices shows",
            meant.empty() ? std::string() : "is it " + meant + "?"};
}

const Claims::Owner* owner_in(const Claims& claims, const std::string& id) {
    const auto owner = claims.owners.find(id);
    return owner == claims.owners.end() ? nullptr : &owner->second;
}

// udev names a port by its controller and its USB device: pci-0000:00:14.0-usb-0:2.3:1.0. So one that went
// with either of them is known still.
const Claims::Owner* owner_of_controller(const Inventory& inventory, const Claims& claims,
                                         const model::Device& declared) {
    static constexpr std::string_view mark = "/pci-";
    static constexpr std::string_view usb = "-usb-0:";
    const auto at = declared.at.find(mark);
    if (at == std::string::npos) return nullptr;
    const auto address = declared.at.substr(at + mark.size(), 12);
    if (const auto* owner = owner_in(claims, "pci:" + address)) return owner;
    const auto ports = declared.at.find(usb, at);
    if (ports == std::string::npos) return nullptr;
    const auto first = ports + usb.size();
    const auto tail = "-" + declared.at.substr(first, declared.at.find(':', first) - first);
    for (const auto& each : inventory.devices)
        if (each.kind == Kind::usb && each.id.ends_with(tail) &&
            each.place.find("/" + address + "/") != std::string::npos)
            if (const auto* owner = owner_in(claims, each.id)) return owner;
    return nullptr;
}

// A place of a controller begins with that of what it is part of.
std::string function_of(const std::string& place) {
    const auto address = place.substr(0, 12);
    return model::is_pci_address(address) ? address : std::string();
}

// A bus whose controller is not there, or is not worked by a driver of CAN now.
void judge_absent_bus(const model::Device& declared, const Inventory& inventory, const Claims& claims,
                      std::vector<Refusal>& refused) {
    const auto refuse = [&](std::string what, std::string mend) {
        refused.push_back({declared.name, {Code::refused, std::move(what), {}, {}, std::move(mend)}});
    };
    for (auto& lack : lacks_of_can(inventory))
        refuse(declared.at + " can't be mediated: " + lack.why, lack.mend);
    for (const auto& each : inventory.devices)
        if (each.kind == Kind::can && each.node == declared.at)
            return refuse(declared.at + " is what the kernel calls it now, and no place", "write " + each.at);
    const auto address = function_of(declared.at);
    const auto usb = "usb:" + declared.at.substr(0, declared.at.find(':'));
    for (const auto& id : {"pci:" + address, usb})
        if (const auto* owner = owner_in(claims, id))
            return refuse(declared.at + " is part of device " + owner->device.str() + " of partition " +
                              owner->partition.str(),
                          "assign the one or the other");
    if (address.empty()) return;  // it may come
    const auto* function = inventory.find("pci:" + address);
    if (function == nullptr)
        refused.push_back({declared.name, absent(address, inventory)});
    else if (function->driver != vfio)  // that gives it back
        refuse("no CAN interface is at " + declared.at + ", " + function->title,
               "load the kernel's driver of that controller; bulkhead get devices shows CAN interfaces");
}

void judge_declared(const model::Device& declared, const Inventory& inventory, const Claims& claims,
                    std::vector<Refusal>& refused) {
    const auto* found = inventory.find(declared);
    if (found != nullptr) {
        for (const auto& obstacle : obstacles(inventory, claims, *found))
            refused.push_back({declared.name, error_of(*found, obstacle)});
        return;
    }
    if (declared.kind == model::DeviceKind::can)
        judge_absent_bus(declared, inventory, claims, refused);
    else if (declared.kind == model::DeviceKind::pci)
        refused.push_back({declared.name, absent(declared.at, inventory)});
    else if (const auto* owner = owner_of_controller(inventory, claims, declared))
        refused.push_back({declared.name,
                           {Code::refused,
                            declared.at + " is part of device " + owner->device.str() + " of partition " +
                                owner->partition.str(),
                            {},
                            {},
                            "assign the one or the other"}});
}

// What a port's driver can't do is known before anybody opens the port.
void judge_turn_around(const model::DeviceUse& use, const model::Device& declared, const Inventory& inventory,
                       std::vector<Refusal>& refused) {
    const auto* found = inventory.find(declared);
    if (!use.line.rs485 || found == nullptr || found->rs485 == Rs485::driver) return;
    refused.push_back(
        {declared.name,
         {Code::refused,
          found->node + " can't have its RS-485 line turned around: its driver, " +
              (found->driver.empty() ? "which is unknown," : found->driver + ",") + " has no TIOCSRS485",
          {},
          {},
          found->rs485 == Rs485::adapter
              ? "remove rs485: an adapter with RS-485 turns it around by itself"
              : "remove rs485, or take a port whose driver can: bulkhead describe device tells"}});
}

}  // namespace

std::vector<Obstacle> lacks_of_can(const Inventory& inventory) {
    std::vector<Obstacle> lacks;
    if (!inventory.can_raw) lacks.push_back({"the kernel has no CONFIG_CAN_RAW", "modprobe can-raw"});
    if (!inventory.vcan) lacks.push_back({"the kernel has no CONFIG_CAN_VCAN", "modprobe vcan"});
    return lacks;
}

Claims claims_of(const model::Spec& spec, const Inventory& inventory) {
    Claims claims;
    for (const auto& uplink : spec.uplinks)
        if (uplink.use == model::UplinkUse::management)
            claims.management = uplink.interface;
        else
            claims.cards.emplace(uplink.interface, "uplink " + uplink.name.str());
    for (const auto& zone : spec.zones)
        if (zone.wire) claims.cards.emplace(zone.wire->interface, "the wire of zone " + zone.name.str());
    for (const auto& partition : spec.partitions)
        for (const auto& use : partition.devices) {
            const auto* declared = spec.find(use.device);
            if (declared == nullptr) continue;
            const auto* found = inventory.find(*declared);
            const auto id = found != nullptr ? found->id : id_of_place(*declared);
            if (!id.empty()) claims.owners.emplace(id, Claims::Owner{use.device, partition.name});
        }
    return claims;
}

std::vector<Obstacle> obstacles(const Inventory& inventory, const Claims& claims, const Device& device) {
    return Judge(inventory, claims, device).judge();
}

std::vector<Refusal> refusals(const model::Spec& spec, const Inventory& inventory) {
    const auto claims = claims_of(spec, inventory);
    std::vector<Refusal> refused;
    for (const auto& partition : spec.partitions)
        for (const auto& use : partition.devices)
            if (const auto* declared = spec.find(use.device)) {
                judge_declared(*declared, inventory, claims, refused);
                judge_turn_around(use, *declared, inventory, refused);
            }
    return refused;
}

}  // namespace bulkhead::passthrough::inventory
