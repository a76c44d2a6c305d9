// Ports on CAN buses: a process of ours owns each, and judges its frames. The controller's interface is
// brought up, and the guest's is made, by whoever assigns: an owner has no right to.
#pragma once

#include "model/layout.hpp"
#include "passthrough/can/bus_care.hpp"
#include "passthrough/inventory/tree.hpp"
#include "passthrough/owned_devices.hpp"

namespace bulkhead::passthrough {

class CanBuses final : public OwnedDevices {
  public:
    CanBuses(model::Layout layout, StartOwner start_owner, can::Links& links,
             inventory::Tree tree = inventory::Tree())
        : OwnedDevices(std::move(start_owner)),
          layout_(std::move(layout)),
          tree_(tree),
          care_(links, layout_.owner, std::move(tree)) {}

    model::DeviceKind kind() const override { return model::DeviceKind::can; }

  private:
    std::filesystem::path socket(const model::DeviceName& device) const override;
    std::filesystem::path control(const model::DeviceName& device) const override {
        return layout_.can_control(device);
    }
    std::string_view program() const override { return "bulkhead-can"; }
    std::vector<std::string> own_arguments(const model::Assignment& assignment) const override;
    // Whatever a spec says of it, and was accepted for.
    Result<> check(const model::Assignment& wanted) const override;
    Result<> prepare(const model::Assignment& wanted) override;
    bool is_prepared(const model::Assignment& assignment) const override;
    Result<> give_back(const model::DeviceName& device, const model::Assignment* last) override;

    // Of all that have a port there, `also` among them.
    can::Working working_of(const model::Assignment& also) const;

    const model::Layout layout_;
    const inventory::Tree tree_;
    mutable can::BusCare care_;
};

}  // namespace bulkhead::passthrough
