#include "partition-manager/daemon/devices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/partition-manager/apply/fixture.hpp"
#include "tests/partition-manager/daemon/scene.hpp"
#include "tests/passthrough/inventory/host.hpp"

namespace bulkhead::daemon {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

struct DevicesTest : testing::Test {
    DevicesTest() {
        make_lab_gateway(host);
        auto snapshot = factory_snapshot();
        auto spec = *snapshot.spec;
        spec.devices[0].at = "/dev/serial/by-path/pci-0000:00:05.0-usb-0:1:1.0-port0";
        spec.devices[1] = {model::DeviceName("can-1"), model::DeviceKind::pci, "0000:00:02.0"};
        snapshot.spec = std::make_shared<const model::Spec>(spec);
        board.publish(std::move(snapshot));
    }
    // The next look is one that the kernel's events would bring about.
    bool look_again() {
        std::ofstream event("/sys/class/net/lo/uevent");
        event << "add" << std::flush;
        if (!event) return false;
        loop->after(5s, [&] { loop->stop(); });
        return loop->run().has_value();
    }

    passthrough::inventory::testing_support::Host host;
    apply::FixedClock clock;
    std::unique_ptr<Loop> loop = Loop::open().value();
    Board board;
    std::vector<std::string> told;
    int changed = 0;
    Devices devices{{*loop, clock, board,
                     [this](const apply::Event& event) {
                         told.push_back(event.code + " " + event.partition.str() + " " + event.tenant.str() +
                                        " " + event.text.substr(0, event.text.find(',')));
                     },
                     [this] {
                         ++changed;
                         loop->stop();
                     },
                     host.tree()}};
};

TEST_F(DevicesTest, an_adapter_that_is_pulled_out_is_told_to_whom_it_belongs) {
    devices.begin();
    host.remove("sys/class/tty/ttyUSB0");
    host.unplug_usb("pci0000:00/0000:00:05.0/usb1/1-1");
    if (!look_again()) GTEST_SKIP() << "the kernel makes no events for us";
    EXPECT_THAT(told,
                ElementsAre("device.vanished   usb:1-1", "device.vanished robot-cell tenant serial:1-1:1.0"));
    EXPECT_EQ(changed, 1);
    EXPECT_EQ(devices.current()->find("usb:1-1"), nullptr);
}

TEST_F(DevicesTest, a_function_that_was_pulled_out_is_a_fact_of_its_partition) {
    const auto snapshot = board.current();
    EXPECT_TRUE(devices.fact_of(snapshot->spec->devices[1]).present);
    host.remove("sys/bus/pci/devices/0000:00:02.0");
    const auto fact = devices.fact_of(snapshot->spec->devices[1]);
    EXPECT_FALSE(fact.present);
    EXPECT_EQ(fact.error, "nothing is at 0000:00:02.0");
}

}  // namespace
}  // namespace bulkhead::daemon
