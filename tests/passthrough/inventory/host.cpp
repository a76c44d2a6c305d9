#include "tests/passthrough/inventory/host.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace bulkhead::passthrough::inventory::testing_support {
namespace {

namespace fs = std::filesystem;

std::string last_of(const std::string& place) {
    return place.substr(place.rfind('/') + 1);
}

std::string hex(const std::string& digits) {
    return "0x" + digits + "\n";
}

}  // namespace

Host::Host() {
    std::string pattern = testing::TempDir() + "bulkhead-host-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
}

Host::~Host() {
    fs::remove_all(root_);
}

void Host::file(const fs::path& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
}

void Host::link(const fs::path& path, const fs::path& target) const {
    fs::create_directories((root_ / path).parent_path());
    fs::remove(root_ / path);
    fs::create_symlink(target.is_absolute() ? target : root_ / target, root_ / path);
}

void Host::remove(const fs::path& path) const {
    fs::remove_all(root_ / path);
}

void Host::pci(const std::string& place, const Function& function) const {
    const fs::path folder = fs::path("sys/devices") / place;
    file(folder / "vendor", hex(function.ids.substr(0, 4)));
    file(folder / "device", hex(function.ids.substr(5)));
    file(folder / "class", function.class_code + "\n");
    file(folder / "driver_override", "(null)\n");
    if (!function.resets.empty()) file(folder / "reset_method", function.resets + "\n");
    if (!function.driver.empty()) {
        fs::create_directories(root_ / "sys/bus/pci/drivers" / function.driver);
        link(folder / "driver", "sys/bus/pci/drivers/" + function.driver);
    }
    if (!function.group.empty()) {
        fs::create_directories(root_ / "sys/kernel/iommu_groups" / function.group);
        link(folder / "iommu_group", "sys/kernel/iommu_groups/" + function.group);
    }
    link("sys/bus/pci/devices/" + last_of(place), folder);
}

void Host::usb(const std::string& place, const Usb& device) const {
    const fs::path folder = fs::path("sys/devices") / place;
    const auto port = last_of(place);
    file(folder / "idVendor", device.ids.substr(0, 4) + "\n");
    file(folder / "idProduct", device.ids.substr(5) + "\n");
    file(folder / "product", device.product + "\n");
    if (!device.number.empty()) file(folder / "serial", device.number + "\n");
    file(folder / "bDeviceClass", device.device_class + "\n");
    fs::create_directories(root_ / folder / (port + ":1.0"));
    link("sys/bus/usb/devices/" + port, folder);
    link("sys/bus/usb/devices/" + port + ":1.0", folder / (port + ":1.0"));
}

void Host::unplug_usb(const std::string& place) const {
    const auto port = last_of(place);
    remove("sys/bus/usb/devices/" + port);
    remove("sys/bus/usb/devices/" + port + ":1.0");
    remove(fs::path("sys/devices") / place);
}

void Host::tty(const std::string& name, const std::string& at, const std::string& driver) const {
    const fs::path device = fs::path("sys/devices") / at;
    fs::create_directories(root_ / device / "tty" / name);
    link("sys/class/tty/" + name, device / "tty" / name);
    link(device / "tty" / name / "device", device);
    if (!driver.empty()) link(device / "driver", "sys/bus/x/drivers/" + driver);
}

void Host::interface(const std::string& name, const std::string& at, const std::string& type,
                     const std::string& flags) const {
    const fs::path device = fs::path("sys/devices") / at;
    const fs::path folder = at.empty() ? fs::path("sys/devices/virtual/net") / name : device / "net" / name;
    file(folder / "type", type + "\n");
    file(folder / "flags", flags + "\n");
    file(folder / "address", "52:54:00:00:00:01\n");
    if (!at.empty()) link(folder / "device", device);
    link("sys/class/net/" + name, folder);
}

void Host::disk(const std::string& name, const std::string& at, const std::string& number) const {
    const fs::path folder = fs::path("sys/devices") / at / "block" / name;
    file(folder / "dev", number + "\n");
    link("sys/class/block/" + name, folder);
    link("sys/dev/block/" + number, folder);
}

void Host::with_iommu() const {
    link("sys/class/iommu/dmar0", "sys/devices/virtual/iommu/dmar0");
    fs::create_directories(root_ / "sys/devices/virtual/iommu/dmar0");
    fs::create_directories(root_ / "sys/bus/pci/drivers/vfio-pci");
}

void Host::with_can() const {
    file("proc/net/protocols", "protocol  size sockets\nCAN_RAW   1024      0\nTCP       2200      3\n");
    fs::create_directories(root_ / "sys/module/vcan");
}

void make_lab_gateway(const Host& host) {
    host.with_iommu();
    host.with_can();
    const std::string root = "pci0000:00/";
    host.pci(root + "0000:00:00.0", {"8086:29c0", "0x060000", "", "0", ""});
    host.pci(root + "0000:00:02.0", {"10e8:8406", "0xff0000", "kvaser_pci", "1", "pm"});
    host.pci(root + "0000:00:03.0", {"10e8:8406", "0xff0000", "kvaser_pci", "2", "pm"});
    host.pci(root + "0000:00:04.0", {"1b36:0003", "0x070002", "serial", "3", "bus"});
    host.pci(root + "0000:00:05.0", {"1b36:000d", "0x0c0330", "xhci_hcd", "4", "flr"});
    host.pci(root + "0000:00:06.0", {"1af4:1000", "0x020000", "virtio-pci", "5", "flr"});
    host.pci(root + "0000:00:1f.0", {"8086:2918", "0x060100", "lpc_ich", "8", ""});
    host.pci(root + "0000:00:1f.2", {"8086:2922", "0x010601", "ahci", "8", "bus"});
    host.pci(root + "0000:00:1f.3", {"8086:2930", "0x0c0500", "i801_smbus", "8", "pm"});
    host.interface("can0", root + "0000:00:02.0", "280");
    host.interface("can1", root + "0000:00:03.0", "280");
    host.tty("ttyS4", root + "0000:00:04.0");
    host.tty("ttyS5", root + "0000:00:04.0");
    host.tty("ttyS0", "pnp0/00:01", "serial");
    host.file("sys/class/tty/console/active", "ttyS0\n");
    const std::string usb = root + "0000:00:05.0/usb1/";
    host.usb(usb + "1-1", {"0403:6001", "QEMU USB SERIAL", "1-0000:00:05.0-1", "00"});
    host.usb(usb + "1-2", {"0403:6001", "QEMU USB SERIAL", "1-0000:00:05.0-2", "00"});
    host.tty("ttyUSB0", usb + "1-1/1-1:1.0/ttyUSB0", "ftdi_sio");
    host.tty("ttyUSB1", usb + "1-2/1-2:1.0/ttyUSB1", "ftdi_sio");
    host.link("dev/serial/by-path/pci-0000:00:05.0-usb-0:1:1.0-port0", "dev/ttyUSB0");
    host.link("dev/serial/by-path/pci-0000:00:05.0-usb-0:2:1.0-port0", "dev/ttyUSB1");
    host.interface("enp0s6", root + "0000:00:06.0/virtio2", "1", "0x1003");
    host.file("proc/net/route", "Iface\tDestination\tGateway\nenp0s6\t00000000\t0202000A\n");
    host.disk("sda", root + "0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0", "8:0");
    host.mounts("26 1 8:0 / / rw,relatime shared:1 - ext4 /dev/sda rw\n");
    host.link("sys/class/tpm/tpm0", "sys/devices/platform/MSFT0101:00/tpm/tpm0");
    fs::create_directories(host.root() / "sys/devices/platform/MSFT0101:00/tpm/tpm0");
    host.link("sys/devices/platform/MSFT0101:00/tpm/tpm0/device", "sys/devices/platform/MSFT0101:00");
}

}  // namespace bulkhead::passthrough::inventory::testing_support
