#include "passthrough/inventory/inventory.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <regex>

#include "passthrough/inventory/board.hpp"
#include "passthrough/inventory/network.hpp"
#include "passthrough/inventory/pci_function.hpp"
#include "passthrough/inventory/serial_port.hpp"
#include "passthrough/inventory/usb_device.hpp"

namespace bulkhead::passthrough::inventory {
namespace {

constexpr std::size_t most_devices = 512;

bool holds_others(const Device& device) {
    return device.kind == Kind::pci || device.kind == Kind::usb;
}

// Protocols are listed whether they are modules or not.
bool speaks_can(const Tree& tree) {
    return std::ranges::any_of(tree.lines("proc/net/protocols"),
                               [](const auto& line) { return line.starts_with("CAN_RAW "); });
}

// By the rules that libvirt's profile of every guest includes (apparmor.d(5), network rules), with what this
// gateway adds to them. What is not there forbids.
bool is_can_denied(const Tree& tree) {
    if (tree.attribute("sys/module/apparmor/parameters/enabled") != "Y") return false;
    const std::filesystem::path rules = "etc/apparmor.d";
    if (!tree.has(rules / "abstractions/libvirt-qemu")) return false;  // no profile of libvirt's
    static const std::regex allows(R"(\s*(allow\s+)?network(\s+can)?(\s+raw)?\s*,.*)");
    return std::ranges::none_of(
        std::array{"abstractions/libvirt-qemu", "local/abstractions/libvirt-qemu"}, [&](const char* file) {
            return std::ranges::any_of(tree.lines(rules / file),
                                       [](const auto& line) { return std::regex_match(line, allows); });
        });
}

}  // namespace

std::string_view to_string(Kind kind) {
    static constexpr std::array<std::string_view, 7> names{"pci",  "usb", "serial", "can",
                                                           "gpio", "nic", "tpm"};
    return names.at(static_cast<std::size_t>(kind));
}

const Device* Inventory::find(std::string_view id) const {
    const auto found = std::ranges::find(devices, id, &Device::id);
    return found == devices.end() ? nullptr : &*found;
}

const Device* Inventory::find(const model::Device& declared) const {
    if (declared.kind == model::DeviceKind::pci) return find("pci:" + declared.at);
    if (declared.kind == model::DeviceKind::usb) return find("usb:" + declared.at);
    if (declared.kind == model::DeviceKind::can) return find("can:" + declared.at);
    const auto found = std::ranges::find_if(devices, [&](const Device& each) {
        return each.kind == Kind::serial &&
               (each.node == declared.at ||
                std::ranges::find(each.aliases, declared.at) != each.aliases.end());
    });
    return found == devices.end() ? nullptr : &*found;
}

const Device* Inventory::parent_of(const Device& device) const {
    const Device* innermost = nullptr;
    for (const auto& each : devices)
        if (&each != &device && holds_others(each) && is_within(device.place, each.place) &&
            (!holds_others(device) || device.place != each.place) &&
            (innermost == nullptr || innermost->place.size() < each.place.size()))
            innermost = &each;
    return innermost;
}

std::vector<const Device*> Inventory::inside(const Device& device) const {
    std::vector<const Device*> found;
    if (!holds_others(device)) return found;
    for (const auto& each : devices)
        if (&each != &device && is_within(each.place, device.place)) found.push_back(&each);
    return found;
}

Inventory look(const Tree& tree) {
    Inventory found;
    for (const auto kind :
         {pci_functions, usb_devices, serial_ports, can_interfaces, gpio_chips, network_cards, tpms})
        std::ranges::move(kind(tree), std::back_inserter(found.devices));
    if (found.devices.size() > most_devices) found.devices.resize(most_devices);
    found.disks = disks_in_use(tree);
    found.iommu = !tree.names("sys/class/iommu").empty() && !tree.names("sys/kernel/iommu_groups").empty();
    found.vfio = tree.has("sys/bus/pci/drivers/vfio-pci");
    found.can_raw = speaks_can(tree);
    found.vcan = tree.has("sys/module/vcan");
    found.can_denied = is_can_denied(tree);
    return found;
}

}  // namespace bulkhead::passthrough::inventory
