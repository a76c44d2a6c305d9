// A real device at a real port: one of the adapters that the lab's gateway has. Skipped where there is none.
#include <gtest/gtest.h>

#include <csignal>
#include <optional>

#include "passthrough/inventory/obstacles.hpp"
#include "passthrough/owner_connection.hpp"
#include "passthrough/pci/binding.hpp"
#include "passthrough/usb_ports.hpp"
#include "tests/passthrough/usb/owned_port.hpp"
#include "tests/passthrough/usb/peer.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

// Emulated by QEMU, so that nobody's real device is taken from him.
std::optional<inventory::Device> an_adapter() {
    const auto found = inventory::look();
    for (const auto& device : found.devices)
        if (device.kind == inventory::Kind::usb && device.driver == "ftdi_sio" &&
            device.title.find("QEMU") != std::string::npos && inventory::obstacles(found, {}, device).empty())
            return device;
    return std::nullopt;
}

std::string driver_at(const std::string& port) {
    return inventory::Tree().link_name("sys/bus/usb/devices/" + port + ":1.0/driver");
}

class UsbDevice : public testing::Test {
  protected:
    void SetUp() override {
        const auto adapter = an_adapter();
        if (!adapter) GTEST_SKIP() << "no USB adapter of an emulated gateway here";
        at_ = adapter->at;
        controller_ = inventory::bus_name(adapter->place.substr(0, adapter->place.find("/usb")));
    }
    // The kernel's driver has it again, whoever comes next: another test, or a person in the lab.
    void TearDown() override {
        if (auto owner = OwnerConnection::open(port_.control())) {
            EXPECT_TRUE(owner->end(5s));
            EXPECT_EQ(driver_at(at_), "ftdi_sio");
        }
    }
    void serve() {
        owner_ = start_usb_owner(port_, 1, at_);
        ASSERT_NE(owner_->line_with("\"serving\""), "");
        ASSERT_TRUE(is_held());
    }
    bool is_held() const {
        return state_when(port_.control(), [](const auto& state) { return state.present; }).has_value();
    }

    std::string at_;
    std::string controller_;
    Line port_;
    std::unique_ptr<Child> owner_;
};

TEST_F(UsbDevice, is_taken_from_the_kernel_and_given_back) {
    serve();
    EXPECT_EQ(driver_at(at_), "usbfs");
    const auto state = OwnerConnection::open(port_.control())->state(10s);
    ASSERT_TRUE(state);
    EXPECT_TRUE(state->found.starts_with("0403:6001 QEMU")) << state->found;
    EXPECT_EQ(state->error, "");
    ASSERT_TRUE(OwnerConnection::open(port_.control())->end(5s));
    EXPECT_EQ(owner_->wait(), 0);
    EXPECT_EQ(driver_at(at_), "ftdi_sio");
}

TEST_F(UsbDevice, answers_its_guest_and_the_next_one_and_is_held_between_them) {
    serve();
    for (int run = 0; run < 3; ++run) {
        Peer guest(connect_guest(port_.socket()));
        ASSERT_TRUE(guest.until([](const Peer& peer) { return peer.connected == 1; })) << run;
        EXPECT_EQ(guest.vendor, 0x0403U);
        EXPECT_EQ(guest.product, 0x6001U);
        guest.ask_descriptor();
        ASSERT_TRUE(guest.until([](const Peer& peer) { return !peer.descriptor.empty(); })) << run;
        EXPECT_EQ(guest.descriptor.size(), 18U);
        EXPECT_EQ(guest.descriptor.substr(8, 4), std::string("\x03\x04\x01\x60", 4));
    }
    ASSERT_TRUE(state_when(port_.control(), [](const auto& state) { return !state.connected; }));
    ASSERT_TRUE(is_held());
    EXPECT_EQ(driver_at(at_), "usbfs");
}

// Its controller goes, as if somebody had pulled out all that is plugged in there, and comes back.
TEST_F(UsbDevice, that_is_pulled_out_leaves_its_guest_and_comes_back_to_it) {
    serve();
    Peer guest(connect_guest(port_.socket()));
    ASSERT_TRUE(guest.until([](const Peer& peer) { return peer.connected == 1; }));
    const std::filesystem::path driver = "/sys/bus/pci/drivers/xhci_hcd";
    ASSERT_TRUE(pci::write_attribute(driver / "unbind", controller_));
    EXPECT_TRUE(guest.until([](const Peer& peer) { return peer.disconnected == 1; }));
    const auto gone = state_when(port_.control(), [](const auto& state) { return !state.present; });
    ASSERT_TRUE(gone);
    EXPECT_TRUE(gone->connected);
    ASSERT_TRUE(pci::write_attribute(driver / "bind", controller_));
    EXPECT_TRUE(guest.until([](const Peer& peer) { return peer.connected == 2; }));
    EXPECT_TRUE(is_held());
    EXPECT_EQ(driver_at(at_), "usbfs");
    guest.ask_descriptor();
    EXPECT_TRUE(guest.until([](const Peer& peer) { return peer.descriptor.size() == 18; }));
}

TEST_F(UsbDevice, that_is_another_one_than_expected_is_left_to_the_kernel) {
    owner_ = start_usb_owner(port_, 1, at_, {"--expect", "067b:2303"});
    ASSERT_NE(owner_->line_with("\"serving\""), "");
    const auto state = OwnerConnection::open(port_.control())->state(10s);
    ASSERT_TRUE(state);
    EXPECT_FALSE(state->present);
    EXPECT_NE(state->error.find("is 0403:6001 QEMU"), std::string::npos) << state->error;
    EXPECT_NE(state->error.find("wanted 067b:2303"), std::string::npos) << state->error;
    EXPECT_EQ(driver_at(at_), "ftdi_sio");
}

TEST_F(UsbDevice, of_an_owner_that_was_killed_is_given_back_by_the_release) {
    model::Layout layout;
    layout.run = port_.folder / "run";
    UsbPorts ports(
        layout,
        [this](std::vector<std::string> argv) -> Result<> {
            argv.front() = program("BULKHEAD_USB");
            owner_ = std::make_unique<Child>(argv);
            return {};
        },
        pci::write_attribute);
    const model::DeviceName device("adapter");
    ASSERT_TRUE(ports.assign(
        {device, model::PartitionName("press"), 3, at_, {}, model::DeviceKind::usb, {}, {"0403", "6001"}}));
    EXPECT_TRUE(ports.look().at(device).present);
    owner_->signal(SIGKILL);
    owner_->wait();
    EXPECT_EQ(driver_at(at_), "");
    ASSERT_TRUE(ports.release(device, 3));
    EXPECT_EQ(driver_at(at_), "ftdi_sio");
}

}  // namespace
}  // namespace bulkhead::passthrough
