// USB by bus and port: a process of ours owns whatever is plugged in there.
#pragma once

#include "model/layout.hpp"
#include "passthrough/inventory/tree.hpp"
#include "passthrough/owned_devices.hpp"

namespace bulkhead::passthrough {

class UsbPorts final : public OwnedDevices {
  public:
    // Writes to an attribute of sysfs.
    using Write = std::function<Result<>(const std::filesystem::path& file, std::string_view text)>;

    UsbPorts(model::Layout layout, StartOwner start_owner, Write write,
             inventory::Tree tree = inventory::Tree())
        : OwnedDevices(std::move(start_owner)),
          layout_(std::move(layout)),
          write_(std::move(write)),
          tree_(std::move(tree)) {}

    model::DeviceKind kind() const override { return model::DeviceKind::usb; }

  private:
    std::filesystem::path socket(const model::DeviceName& device) const override {
        return layout_.usb_socket(device);
    }
    std::filesystem::path control(const model::DeviceName& device) const override {
        return layout_.usb_control(device);
    }
    std::string_view program() const override { return "bulkhead-usb"; }
    std::vector<std::string> own_arguments(const model::Assignment& assignment) const override;
    // Whatever a spec says of it, and was accepted for.
    Result<> check(const model::Assignment& wanted) const override;
    // An owner that ends gives it back itself; one that was killed leaves interfaces without a driver.
    Result<> give_back(const model::DeviceName& device, const model::Assignment* last) override;

    model::Layout layout_;
    Write write_;
    inventory::Tree tree_;
};

}  // namespace bulkhead::passthrough
