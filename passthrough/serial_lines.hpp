// Serial lines: a process of ours owns each tty.
#pragma once

#include "model/layout.hpp"
#include "passthrough/owned_devices.hpp"

namespace bulkhead::passthrough {

class SerialLines final : public OwnedDevices {
  public:
    SerialLines(model::Layout layout, StartOwner start_owner)
        : OwnedDevices(std::move(start_owner)), layout_(std::move(layout)) {}

    model::DeviceKind kind() const override { return model::DeviceKind::serial; }

    // Has its owner send a pattern and listen for it. Blocks for as long as the line needs, and half a
    // second. From any thread. Code::unavailable if nobody owns the line.
    Result<LineTestResult> test(const model::DeviceName& device, std::uint32_t bytes) const;

  private:
    std::filesystem::path socket(const model::DeviceName& device) const override {
        return layout_.serial_socket(device);
    }
    std::filesystem::path control(const model::DeviceName& device) const override {
        return layout_.serial_control(device);
    }
    std::string_view program() const override { return "bulkhead-serial"; }
    std::vector<std::string> own_arguments(const model::Assignment& assignment) const override;

    model::Layout layout_;
};

}  // namespace bulkhead::passthrough
