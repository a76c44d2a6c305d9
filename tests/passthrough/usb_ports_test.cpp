#include "passthrough/usb_ports.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "passthrough/driver.hpp"
#include "tests/passthrough/inventory/host.hpp"
#include "tests/passthrough/usb/owned_port.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace testing_support;
using inventory::testing_support::Host;

const std::string bus = "pci0000:00/0000:00:05.0/usb255/";

// Real owners, of a port that only this host has: nothing is plugged in there for them.
class UsbPortsTest : public testing::Test {
  protected:
    UsbPortsTest() { layout_.run = folder_.folder / "run"; }

    std::unique_ptr<UsbPorts> make() {
        return std::make_unique<UsbPorts>(
            layout_,
            [this](std::vector<std::string> argv) -> Result<> {
                EXPECT_EQ(argv.front(), "bulkhead-usb");
                commands_.push_back(argv);
                argv.front() = program("BULKHEAD_USB");
                owners_.push_back(std::make_unique<Child>(argv));
                return {};
            },
            [this](const std::filesystem::path& file, std::string_view text) -> Result<> {
                written_.push_back(file.lexically_relative(host_.root()).string() + " " + std::string(text));
                return {};
            },
            host_.tree());
    }
    model::Assignment assignment(std::uint64_t token, const model::UsbIdentity& expect = {}) const {
        return {device_, model::PartitionName("press"), token, empty_port,
                {},      model::DeviceKind::usb,        {},    expect};
    }

    Line folder_;
    Host host_;
    model::Layout layout_;
    const model::DeviceName device_{"scale"};
    std::vector<std::unique_ptr<Child>> owners_;
    std::vector<std::vector<std::string>> commands_;
    std::vector<std::string> written_;
};

TEST_F(UsbPortsTest, starts_one_owner_for_an_assignment_and_a_new_mode_adopts_it) {
    auto ports = make();
    ASSERT_TRUE(ports->assign(assignment(1, {"0403", "6001"})));
    ASSERT_TRUE(make()->assign(assignment(1, {"0403", "6001"})));
    EXPECT_EQ(owners_.size(), 1U);
    EXPECT_EQ(commands_.front().back(), "0403:6001");
    const auto hold = make()->look().at(device_);
    EXPECT_EQ(hold.assignment, assignment(1, {"0403", "6001"}));
    EXPECT_TRUE(hold.serving);
    EXPECT_FALSE(hold.present);
    EXPECT_EQ(hold.error, "nothing is plugged in at 255-1");
    ASSERT_TRUE(ports->assign(assignment(2)));
    EXPECT_EQ(owners_.at(0)->wait(), 0);
    EXPECT_EQ(ports->look().at(device_).assignment, assignment(2));
    const auto older = ports->assign(assignment(1));
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().code, Code::refused);
}

TEST_F(UsbPortsTest, a_release_leaves_nothing_and_gives_back_what_a_killed_owner_could_not) {
    host_.usb(bus + empty_port, {.product = "scale"});
    std::filesystem::create_directories(host_.root() / "sys/devices" / bus / empty_port / "255-1:1.1");
    host_.link("sys/bus/usb/devices/255-1:1.1", "sys/devices/" + bus + empty_port + "/255-1:1.1");
    std::filesystem::create_directories(host_.root() / "sys/bus/usb/drivers/ftdi_sio");
    host_.link("sys/devices/" + bus + empty_port + "/255-1:1.1/driver", "sys/bus/usb/drivers/ftdi_sio");
    auto ports = make();
    ASSERT_TRUE(ports->assign(assignment(1)));
    owners_.front()->signal(SIGKILL);
    owners_.front()->wait();
    const auto dead = ports->look().at(device_);
    EXPECT_FALSE(dead.serving);
    EXPECT_EQ(dead.assignment, assignment(1));
    ASSERT_TRUE(ports->release(device_, 1));
    EXPECT_EQ(written_, std::vector<std::string>{"sys/bus/usb/drivers_probe 255-1:1.0"});
    EXPECT_TRUE(ports->look().empty());
    EXPECT_TRUE(ports->release(device_, 1));
}

TEST_F(UsbPortsTest, what_the_gateway_needs_is_refused_whatever_a_spec_says) {
    host_.usb(bus + empty_port, {.device_class = "09"});
    auto ports = make();
    auto refused = ports->assign(assignment(1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what, "255-1 is a hub");
    EXPECT_EQ(refused.error().code, Code::refused);
    EXPECT_TRUE(owners_.empty());
    host_.usb(bus + empty_port, {});
    host_.disk("sdb", bus + empty_port + "/255-1:1.0/host1/target1:0:0/1:0:0:0", "8:16");
    host_.mounts("26 1 8:16 / / rw,relatime shared:1 - ext4 /dev/sdb rw\n");
    refused = ports->assign(assignment(1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what, "255-1 holds the root disk");
}

}  // namespace
}  // namespace bulkhead::passthrough
