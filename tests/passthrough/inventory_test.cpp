#include "passthrough/inventory.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace bulkhead::passthrough {
namespace {

namespace fs = std::filesystem;

// A host as its /sys, /dev and /proc describe it.
class Inventory : public testing::Test {
  protected:
    Inventory() {
        std::string pattern = testing::TempDir() + "passthrough-inventory-XXXXXX";
        root_ = ::mkdtemp(pattern.data());
    }
    ~Inventory() override { fs::remove_all(root_); }

    void file(const fs::path& path, const std::string& text) {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text;
    }
    void link(const fs::path& path, const fs::path& target) {
        fs::create_directories((root_ / path).parent_path());
        fs::create_symlink(target, root_ / path);
    }
    void tty(const std::string& name, const std::string& place) {
        fs::create_directories(root_ / "sys/devices" / place);
        link("sys/class/tty/" + name + "/device", root_ / "sys/devices" / place);
    }

    fs::path root_;
};

TEST_F(Inventory, names_a_port_by_its_place_on_the_bus) {
    tty("ttyUSB0", "pci0000:00/usb1/1-2/1-2:1.0");
    link("sys/devices/pci0000:00/usb1/1-2/1-2:1.0/driver", "../../drivers/ftdi_sio");
    link("dev/serial/by-id/usb-FTDI_1234", "../../ttyUSB0");
    link("dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0", "../../ttyUSB0");
    const auto ports = serial_ports(root_);
    ASSERT_EQ(ports.size(), 1U);
    EXPECT_EQ(
        ports[0],
        (SerialPort{"/dev/ttyUSB0",
                    "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0",
                    "pci0000:00/usb1/1-2/1-2:1.0",
                    {"/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0", "/dev/serial/by-id/usb-FTDI_1234"},
                    "ftdi_sio",
                    ""}));
}

TEST_F(Inventory, leaves_out_ports_that_are_not_there_and_terminals_without_a_device) {
    tty("ttyS0", "pnp0/00:01");
    file("sys/class/tty/ttyS0/type", "4\n");
    tty("ttyS1", "platform/serial8250");
    file("sys/class/tty/ttyS1/type", "0\n");
    file("sys/class/tty/tty7/dev", "4:7\n");
    const auto ports = serial_ports(root_);
    ASSERT_EQ(ports.size(), 1U);
    EXPECT_EQ(ports[0].at, "/dev/ttyS0");
}

TEST_F(Inventory, says_who_uses_a_port) {
    tty("ttyS0", "pnp0/00:01");
    tty("ttyS1", "pnp0/00:02");
    tty("ttyS2", "pnp0/00:03");
    file("sys/class/tty/console/active", "tty0 ttyS0\n");
    file("proc/4711/comm", "minicom\n");
    link("proc/4711/fd/3", "/dev/ttyS1");
    const auto ports = serial_ports(root_);
    ASSERT_EQ(ports.size(), 3U);
    EXPECT_EQ(ports[0].used_by, "kernel console");
    EXPECT_EQ(ports[1].used_by, "minicom (4711)");
    EXPECT_EQ(ports[2].used_by, "");
}

TEST_F(Inventory, of_a_host_without_any_is_empty) {
    EXPECT_TRUE(serial_ports(root_).empty());
}

}  // namespace
}  // namespace bulkhead::passthrough
