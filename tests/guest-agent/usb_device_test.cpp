// A USB port of a guest as its /sys and /dev show it, in a folder. Needs root: nodes change their group.
#include "guest-agent/usb_device.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "guest-agent/device_link.hpp"

namespace bulkhead::agent {
namespace {

namespace fs = std::filesystem;

class UsbDevice : public testing::Test {
  protected:
    UsbDevice() {
        std::string pattern = testing::TempDir() + "usb-device-XXXXXX";
        root_ = ::mkdtemp(pattern.data());
        fs::create_directories(root_ / "dev");
    }
    ~UsbDevice() override { fs::remove_all(root_); }
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root gives a node to a group";
    }

    void file(const fs::path& path, const std::string& text) const {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text;
    }
    void plug(const std::string& name, const std::string& number) const {
        const auto device = fs::path("sys/bus/usb/devices") / name;
        file(device / "busnum", name.substr(0, 1) + "\n");
        file(device / "devnum", number + "\n");
        fs::create_directories(root_ / device / (name + ":1.0"));
        file("dev/bus/usb/00" + name.substr(0, 1) + "/00" + number, "");
    }
    void unplug(const std::string& name) const { fs::remove_all(root_ / "sys/bus/usb/devices" / name); }
    void drive(const std::string& name, const std::string& tty) const {
        fs::create_directories(root_ / "sys/bus/usb/devices" / name / (name + ":1.0") / tty);
        file("dev/" + fs::path(tty).filename().string(), "");
    }
    std::string leads_to() const {
        std::error_code error;
        return fs::read_symlink(device_link("scale", root_), error);
    }

    fs::path root_;
};

TEST_F(UsbDevice, is_named_by_its_port_and_leads_to_its_tty) {
    plug("1-1", "2");
    plug("1-2", "3");
    drive("1-1", "ttyUSB1");
    drive("1-2", "tty/ttyACM0");
    EXPECT_EQ(usb_node(1, root_), "/dev/ttyUSB1");
    EXPECT_EQ(usb_node(2, root_), "/dev/ttyACM0");
    ASSERT_TRUE(link_usb_device("scale", 1, root_));
    EXPECT_EQ(leads_to(), "/dev/ttyUSB1");
    struct stat node{};
    ASSERT_EQ(::stat((root_ / "dev/ttyUSB1").c_str(), &node), 0);
    EXPECT_EQ(node.st_mode & 0777U, 0660U);
    EXPECT_EQ(node.st_gid, 20U);
}

TEST_F(UsbDevice, without_a_tty_leads_to_its_own_node) {
    plug("2-3", "4");
    ASSERT_TRUE(link_usb_device("scale", 3, root_));
    EXPECT_EQ(leads_to(), "/dev/bus/usb/002/004");
}

TEST_F(UsbDevice, keeps_its_name_when_it_comes_back_under_another_number) {
    plug("1-1", "2");
    drive("1-1", "ttyUSB0");
    ASSERT_TRUE(link_usb_device("scale", 1, root_));
    unplug("1-1");
    ASSERT_TRUE(link_usb_device("scale", 1, root_));
    EXPECT_FALSE(fs::exists(fs::symlink_status(device_link("scale", root_))));
    plug("1-1", "3");
    drive("1-1", "ttyUSB1");
    ASSERT_TRUE(link_usb_device("scale", 1, root_));
    EXPECT_EQ(leads_to(), "/dev/ttyUSB1");
}

TEST_F(UsbDevice, of_a_name_that_is_a_path_is_refused) {
    plug("1-1", "2");
    EXPECT_FALSE(link_usb_device("../sda", 1, root_));
}

}  // namespace
}  // namespace bulkhead::agent
