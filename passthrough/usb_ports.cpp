#include "passthrough/usb_ports.hpp"

#include "base/log.hpp"
#include "passthrough/inventory/obstacles.hpp"

namespace bulkhead::passthrough {

std::vector<std::string> UsbPorts::own_arguments(const model::Assignment& assignment) const {
    if (assignment.expect.any()) return {};
    return {"--expect", to_string(assignment.expect)};
}

Result<> UsbPorts::check(const model::Assignment& wanted) const {
    const auto inventory = inventory::look(tree_);
    const auto* device = inventory.find("usb:" + wanted.at);
    if (device == nullptr) return {};
    inventory::Claims claims;
    claims.owners.emplace(device->id, inventory::Claims::Owner{wanted.device, wanted.partition});
    const auto found = inventory::obstacles(inventory, claims, *device);
    if (found.empty()) return {};
    return fail(Code::refused, wanted.at + " " + found.front().why, wanted.device.str(), {},
                found.front().mend);
}

Result<> UsbPorts::give_back(const model::DeviceName&, const model::Assignment* last) {
    if (last == nullptr) return {};
    const std::filesystem::path devices = "sys/bus/usb/devices";
    for (const auto& name : tree_.names(devices)) {
        if (!name.starts_with(last->at + ":") || tree_.has(devices / name / "driver")) continue;
        // No driver that takes it is no error of ours: there may never have been one.
        if (const auto probed = write_(tree_.root() / "sys/bus/usb/drivers_probe", name); !probed)
            log::info("no driver takes an interface that was given back", {{"interface", name}});
    }
    return {};
}

}  // namespace bulkhead::passthrough
