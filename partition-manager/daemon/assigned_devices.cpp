#include "partition-manager/daemon/assigned_devices.hpp"

#include <string>
#include <utility>
#include <vector>

#include "partition-manager/hypervisor/reach.hpp"

namespace bulkhead::daemon {
namespace {

// A line that several partitions have takes one process more.
passthrough::StartOwner starts_of_lines(const Launcher& launcher, const Options& options) {
    return [&launcher, &options](std::vector<std::string> argv) {
        const bool of_several = argv.at(0) == "bulkhead-line";
        argv.at(0) = (of_several ? options.line_arbiter : options.serial_owner).string();
        return launcher.start(argv);
    };
}

}  // namespace

AssignedDevices::AssignedDevices(const Options& options, const Launcher& launcher)
    : lines_(options.layout, starts_of_lines(launcher, options)),
      usb_ports_(options.layout, launcher.starts(options.usb_owner), passthrough::pci::write_attribute),
      can_buses_(options.layout, launcher.starts(options.can_owner), can_links_),
      functions_(options.layout, hypervisor::qemu_user_id()),
      driver_({&lines_, &usb_ports_, &can_buses_, &functions_}) {
}

DeviceTester AssignedDevices::tester(std::function<void(const apply::Event&)> record) const {
    return {
        [this](const model::DeviceName& device, std::uint32_t bytes) { return lines_.test(device, bytes); },
        std::move(record)};
}

}  // namespace bulkhead::daemon
