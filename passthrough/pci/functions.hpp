// PCI functions by VFIO: bound to vfio-pci while somebody has them, given back to the driver that had them
// when the assignment ends. What had them is on record before anything is touched, so a crash at any step is
// gone on from, or undone.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "model/layout.hpp"
#include "passthrough/mode.hpp"
#include "passthrough/pci/binding.hpp"

namespace bulkhead::passthrough::pci {

// Whether somebody has the group of that node open: VFIO opens a group once.
using IsOpen = std::function<bool(const std::filesystem::path& node)>;
bool is_group_open(const std::filesystem::path& node);

class Functions final : public Mode {
  public:
    // `qemu` becomes the owner of the group's node; 0: nobody does.
    Functions(model::Layout layout, uid_t qemu, inventory::Tree tree = inventory::Tree(),
              Write write = write_attribute, IsOpen is_open = is_group_open)
        : layout_(std::move(layout)),
          qemu_(qemu),
          tree_(tree),
          binding_(std::move(tree), std::move(write)),
          is_open_(std::move(is_open)) {}

    model::DeviceKind kind() const override { return model::DeviceKind::pci; }
    std::map<model::DeviceName, Hold> look() const override;
    // Code::refused if the gateway itself needs the function, whatever a spec says of it. One that is not
    // there is assigned, and bound when it comes.
    Result<> assign(const model::Assignment& wanted) override;
    Result<> release(const model::DeviceName& device, std::uint64_t token) override;

  private:
    struct Record {
        model::Assignment assignment;
        std::string driver;  // that had the function before; empty: none
    };
    // Nothing: no record. An unreadable one is an error: what had the function is not known then.
    Result<std::optional<Record>> recorded(const model::DeviceName& device) const;
    Result<> write(const Record& record) const;
    std::filesystem::path record_path(const model::DeviceName& device) const;
    Hold hold_of(const Record& record) const;
    Result<> check(const model::Assignment& wanted) const;
    // The node by which QEMU reaches the function; empty if it has no group.
    std::filesystem::path node_of(const std::string& address) const;
    bool has_node(const std::string& address) const;
    Result<> give_node(const std::string& address) const;
    // It was pulled out, and the kernel waits until its partition lets it go. Until then it holds the
    // device's lock, and whoever reads or writes its driver_override waits with it, for ever if need be.
    bool is_leaving(const std::string& address) const;

    model::Layout layout_;
    uid_t qemu_;
    inventory::Tree tree_;
    Binding binding_;
    IsOpen is_open_;
};

}  // namespace bulkhead::passthrough::pci
