#include "passthrough/inventory/usb_device.hpp"

#include <algorithm>

namespace bulkhead::passthrough::inventory {
namespace {

// bDeviceClass of hubs (USB 2.0, 11.23.1).
constexpr std::string_view hub = "09";

Device device_at(const Tree& tree, const std::string& port) {
    const auto folder = std::filesystem::path("sys/bus/usb/devices") / port;
    Device found;
    found.kind = Kind::usb;
    found.id = "usb:" + port;
    found.node = port;
    found.at = port;
    found.place = tree.place(folder);
    found.vendor_id = tree.attribute(folder / "idVendor");
    found.product_id = tree.attribute(folder / "idProduct");
    found.serial_number = tree.attribute(folder / "serial");
    found.driver = tree.link_name(folder / (port + ":1.0") / "driver");
    const auto maker = tree.attribute(folder / "manufacturer");
    const auto product = tree.attribute(folder / "product");
    found.title = maker + (maker.empty() || product.empty() ? "" : " ") + product;
    if (found.title.empty()) found.title = "USB device " + found.vendor_id + ":" + found.product_id;
    found.board = tree.attribute(folder / "bDeviceClass") == hub;
    return found;
}

}  // namespace

std::vector<Device> usb_devices(const Tree& tree) {
    std::vector<Device> devices;
    for (const auto& name : tree.names("sys/bus/usb/devices"))
        if (is_usb_port(name)) devices.push_back(device_at(tree, name));
    return devices;
}

}  // namespace bulkhead::passthrough::inventory
