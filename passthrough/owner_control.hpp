// Where the partition manager reaches the process that owns a device.
#pragma once

#include <string>

#include "model/layout.hpp"
#include "model/spec.hpp"

namespace bulkhead::passthrough {

// A process of ours owns the device, and tells what becomes of it.
inline bool has_owner(model::DeviceKind kind) {
    return kind != model::DeviceKind::pci;
}

// What is wrong with one that nobody owns.
inline std::string unowned(model::DeviceKind kind) {
    switch (kind) {
        case model::DeviceKind::serial:
            return "no process owns the line";
        case model::DeviceKind::usb:
            return "no process owns the port";
        case model::DeviceKind::can:
            return "no process owns the port on the bus";
        case model::DeviceKind::pci:
            return "it is not handed over";
    }
    return {};
}

inline std::filesystem::path owner_control(const model::Layout& layout, model::DeviceKind kind,
                                           const model::DeviceName& device) {
    if (kind == model::DeviceKind::usb) return layout.usb_control(device);
    return kind == model::DeviceKind::can ? layout.can_control(device) : layout.serial_control(device);
}

}  // namespace bulkhead::passthrough
