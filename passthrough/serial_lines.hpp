// Serial lines: a process of ours owns each tty. Where several partitions have one line, each has an owner of
// its own, and one process more gives them their turns.
#pragma once

#include "model/layout.hpp"
#include "passthrough/owned_devices.hpp"
#include "passthrough/shared_lines.hpp"

namespace bulkhead::passthrough {

class SerialLines final : public OwnedDevices {
  public:
    SerialLines(model::Layout layout, const StartOwner& start_owner)
        : OwnedDevices(start_owner),
          layout_(std::move(layout)),
          shared_(layout_.shared_lines(), start_owner) {}

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
    Result<> prepare(const model::Assignment& wanted) override;
    bool is_prepared(const model::Assignment& assignment) const override;
    void look_further(Hold& hold) const override;
    Result<> give_back(const model::DeviceName& device, const model::Assignment* last) override;

    // Where others than that device take turns.
    std::set<std::string> shared_places_but(const model::DeviceName& device) const;

    model::Layout layout_;
    SharedLines shared_;
};

}  // namespace bulkhead::passthrough
