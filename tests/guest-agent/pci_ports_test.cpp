// Functions of a guest as its /sys shows them, in a folder.
#include "guest-agent/pci_ports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace bulkhead::agent {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class PciPorts : public testing::Test {
  protected:
    PciPorts() {
        std::string pattern = testing::TempDir() + "pci-ports-XXXXXX";
        root_ = fs::canonical(::mkdtemp(pattern.data()));
        fs::create_directories(root_ / "sys/class/tty");
        fs::create_directories(root_ / "sys/bus/pci/devices");
    }
    ~PciPorts() override { fs::remove_all(root_); }

    void function(const std::string& address) const {
        const auto folder = root_ / "sys/devices/pci0000:00" / address;
        fs::create_directories(folder);
        fs::create_directory_symlink(folder, root_ / "sys/bus/pci/devices" / address);
    }
    void port(const std::string& tty, const std::string& device) const {
        const auto folder = root_ / "sys/devices" / device;
        fs::create_directories(folder);
        fs::create_directories(root_ / "sys/class/tty" / tty);
        fs::create_directory_symlink(folder, root_ / "sys/class/tty" / tty / "device");
    }

    fs::path root_;
};

TEST_F(PciPorts, are_found_in_their_order_and_no_others) {
    function("0000:00:15.0");
    function("0000:00:16.0");
    port("ttyS0", "pnp0/00:01");
    port("ttyS10", "pci0000:00/0000:00:15.0");
    port("ttyS9", "pci0000:00/0000:00:15.0");
    port("ttyS4", "pci0000:00/0000:00:16.0");
    EXPECT_THAT(ports_of("0000:00:15.0", root_), ElementsAre("/dev/ttyS9", "/dev/ttyS10"));
}

// Linux 6.8 and later.
TEST_F(PciPorts, are_found_below_the_folders_of_newer_kernels) {
    function("0000:00:15.0");
    port("ttyS4", "pci0000:00/0000:00:15.0/0000:00:15.0:0/0000:00:15.0:0.0");
    EXPECT_THAT(ports_of("0000:00:15.0", root_), ElementsAre("/dev/ttyS4"));
}

TEST_F(PciPorts, of_what_is_no_serial_card_or_not_there_are_none) {
    function("0000:00:15.0");
    port("ttyS4", "pci0000:00/0000:00:15.01");
    EXPECT_THAT(ports_of("0000:00:15.0", root_), IsEmpty());
    EXPECT_THAT(ports_of("0000:00:17.0", root_), IsEmpty());
}

}  // namespace
}  // namespace bulkhead::agent
