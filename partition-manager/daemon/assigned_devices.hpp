// Devices of partitions, each in the mode of its kind, with the programs that own them.
#pragma once

#include "partition-manager/daemon/device_test.hpp"
#include "partition-manager/daemon/launcher.hpp"
#include "partition-manager/daemon/options.hpp"
#include "passthrough/can/links.hpp"
#include "passthrough/can_buses.hpp"
#include "passthrough/driver.hpp"
#include "passthrough/pci/functions.hpp"
#include "passthrough/serial_lines.hpp"
#include "passthrough/usb_ports.hpp"

namespace bulkhead::daemon {

class AssignedDevices {
  public:
    // Options and launcher outlive this.
    AssignedDevices(const Options& options, const Launcher& launcher);
    AssignedDevices(const AssignedDevices&) = delete;  // the driver knows where the modes are
    AssignedDevices& operator=(const AssignedDevices&) = delete;

    passthrough::DeviceDriver& driver() { return driver_; }
    const passthrough::DeviceDriver& driver() const { return driver_; }
    // For who tests a line.
    DeviceTester tester(std::function<void(const apply::Event&)> record) const;

  private:
    passthrough::SerialLines lines_;
    passthrough::UsbPorts usb_ports_;
    passthrough::can::KernelLinks can_links_;
    passthrough::CanBuses can_buses_;
    passthrough::pci::Functions functions_;
    passthrough::DeviceDriver driver_;
};

}  // namespace bulkhead::daemon
