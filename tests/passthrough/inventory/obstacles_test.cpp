#include "passthrough/inventory/obstacles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/passthrough/inventory/host.hpp"

namespace bulkhead::passthrough::inventory {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::Host;

struct Obstacles : testing::Test {
    Obstacles() { make_lab_gateway(host); }

    // Why a device can't be assigned, as the spec stands.
    std::vector<std::string> of(const std::string& id) const {
        const auto found = host.look();
        std::vector<std::string> why;
        const auto* device = found.find(id);
        EXPECT_NE(device, nullptr) << id;
        if (device == nullptr) return why;
        for (const auto& obstacle : obstacles(found, claims_of(spec, found), *device))
            why.push_back(obstacle.why);
        return why;
    }
    void declare(const std::string& name, model::DeviceKind kind, const std::string& at,
                 const std::string& partition) {
        spec.devices.push_back({model::DeviceName(name), kind, at});
        const model::PartitionName owner(partition);
        if (spec.find(owner) == nullptr) spec.partitions.push_back({.name = owner});
        for (auto& each : spec.partitions)
            if (each.name == owner) each.devices.push_back({.device = model::DeviceName(name)});
    }
    std::vector<std::string> refused() const {
        std::vector<std::string> all;
        for (const auto& [device, error] : refusals(spec, host.look()))
            all.push_back(device.str() + ": " + error.what + "; " + error.mend);
        return all;
    }

    Host host;
    model::Spec spec;
};

constexpr auto pci = model::DeviceKind::pci;
constexpr auto serial = model::DeviceKind::serial;
constexpr auto usb = model::DeviceKind::usb;
constexpr auto can = model::DeviceKind::can;

TEST_F(Obstacles, a_controller_of_its_own_has_none) {
    EXPECT_THAT(of("pci:0000:00:02.0"), IsEmpty());
    EXPECT_THAT(of("serial:1-1:1.0"), IsEmpty());
}

TEST_F(Obstacles, who_shares_a_group_is_named) {
    EXPECT_THAT(of("pci:0000:00:1f.3"), ElementsAre("shares IOMMU group 8 with 0000:00:1f.0",
                                                    "shares IOMMU group 8 with 0000:00:1f.2"));
}

TEST_F(Obstacles, what_the_gateway_stands_on_stays) {
    EXPECT_THAT(of("pci:0000:00:1f.2"), Contains("holds the root disk"));
    EXPECT_THAT(of("pci:0000:00:06.0"), ElementsAre("carries the gateway's own addresses, enp0s6"));
    EXPECT_THAT(of("pci:0000:00:00.0"), ElementsAre("is part of the gateway's board"));
    EXPECT_THAT(of("tpm:MSFT0101:00"), ElementsAre("is the gateway's TPM"));
    EXPECT_THAT(of("serial:00:01"), ElementsAre("is in use: kernel console"));
}

TEST_F(Obstacles, cards_that_the_spec_needs_are_named_with_what_they_are_for) {
    spec.uplinks.push_back({.name = model::UplinkName("office"), .interface = "enp0s6"});
    EXPECT_THAT(of("pci:0000:00:06.0"), ElementsAre("is uplink office, enp0s6"));
    spec.uplinks.front().use = model::UplinkUse::management;
    EXPECT_THAT(of("pci:0000:00:06.0"), ElementsAre("is the management's network card, enp0s6"));
    spec.uplinks.clear();
    spec.zones.push_back({.name = model::ZoneName("cell")});
    spec.zones.front().wire = model::Wire{"enp0s6", 0, {}};
    EXPECT_THAT(of("pci:0000:00:06.0"), ElementsAre("is the wire of zone cell, enp0s6"));
}

TEST_F(Obstacles, without_an_iommu_or_the_driver_no_function_goes) {
    host.remove("sys/bus/pci/drivers/vfio-pci");
    EXPECT_THAT(of("pci:0000:00:02.0"), ElementsAre("the kernel has no driver vfio-pci"));
    host.remove("sys/class/iommu");
    EXPECT_THAT(of("pci:0000:00:02.0"), ElementsAre("no IOMMU: boot with intel_iommu=on"));
}

TEST_F(Obstacles, what_nothing_resets_would_be_passed_on_as_its_last_owner_left_it) {
    host.remove("sys/devices/pci0000:00/0000:00:02.0/reset_method");
    EXPECT_THAT(of("pci:0000:00:02.0"),
                ElementsAre("can't be reset: the next owner would find what the last one left in it"));
}

TEST_F(Obstacles, what_is_in_use_on_the_gateway_keeps_its_controller) {
    host.file("sys/class/net/can0/flags", "0x40c1\n");
    EXPECT_THAT(of("pci:0000:00:02.0"), ElementsAre("its CAN interface can0 is up"));
    host.file("proc/12/comm", "minicom\n");
    host.link("proc/12/fd/5", "/dev/ttyS5");
    EXPECT_THAT(of("pci:0000:00:04.0"), ElementsAre("its port /dev/ttyS5 is in use: minicom (12)"));
}

TEST_F(Obstacles, the_process_of_ours_that_owns_a_line_is_none) {
    host.link("proc/12/fd/5", "/dev/ttyS5");
    for (const char* program : {"bulkhead-serial\n", "bulkhead-line\n"}) {
        host.file("proc/12/comm", program);
        EXPECT_THAT(of("serial:0000:00:04.0/1"), IsEmpty()) << program;
    }
}

TEST_F(Obstacles, what_is_part_of_an_assigned_controller_and_the_controller_of_what_is_assigned_are_refused) {
    declare("card", pci, "0000:00:04.0", "press");
    EXPECT_THAT(of("serial:0000:00:04.0/0"), ElementsAre("is part of device card of partition press"));
    declare("line", serial, "/dev/ttyS4", "robot-cell");
    EXPECT_THAT(refused(),
                ElementsAre(AllOf(HasSubstr("card: 0000:00:04.0 holds device line of partition robot-cell"),
                                  HasSubstr("assign the one or the other")),
                            HasSubstr("line: /dev/ttyS4 is part of device card of partition press")));
}

TEST_F(Obstacles, a_port_that_went_with_its_controller_is_known_by_udevs_name) {
    declare("usb", pci, "0000:00:05.0", "press");
    declare("line", serial, "/dev/serial/by-path/pci-0000:00:05.0-usb-0:1:1.0-port0", "robot-cell");
    host.unplug_usb("pci0000:00/0000:00:05.0/usb1/1-1");
    host.remove("sys/class/tty/ttyUSB0");
    host.remove("dev/serial/by-path/pci-0000:00:05.0-usb-0:1:1.0-port0");
    EXPECT_THAT(refused(),
                ElementsAre(HasSubstr("line: /dev/serial/by-path/pci-0000:00:05.0-usb-0:1:1.0-port0 is part "
                                      "of device usb of partition press")));
}

TEST_F(Obstacles, a_group_goes_whole_to_one_partition_or_not_at_all) {
    host.pci("pci0000:00/0000:00:08.0", {"13fe:c302", "0x0c0900", "", "12", "flr"});
    host.pci("pci0000:00/0000:00:08.1", {"13fe:c302", "0x0c0900", "", "12", "flr"});
    declare("can-a", pci, "0000:00:08.0", "press");
    EXPECT_THAT(refused(),
                ElementsAre(AllOf(HasSubstr("can-a: 0000:00:08.0 shares IOMMU group 12 with 0000:00:08.1"),
                                  HasSubstr("give both to one partition"))));
    declare("can-b", pci, "0000:00:08.1", "robot-cell");
    EXPECT_THAT(refused(), ElementsAre(HasSubstr("partition robot-cell has that"),
                                       HasSubstr("partition press has that")));
    spec = {};
    declare("can-a", pci, "0000:00:08.0", "press");
    declare("can-b", pci, "0000:00:08.1", "press");
    EXPECT_THAT(refused(), IsEmpty());
}

TEST_F(Obstacles, a_function_that_is_not_there_is_refused_and_a_line_may_come_later) {
    declare("card", pci, "0000:00:22.0", "press");
    declare("line", serial, "/dev/serial/by-path/none-yet", "press");
    EXPECT_THAT(refused(), ElementsAre(AllOf(HasSubstr("card: there is no PCI function at 0000:00:22.0"),
                                             HasSubstr("is it 0000:00:02.0?"))));
}

const std::string usb_bus = "pci0000:00/0000:00:05.0/usb1/";

TEST_F(Obstacles, a_usb_device_has_none_and_a_hub_can_not_go) {
    EXPECT_THAT(of("usb:1-1"), IsEmpty());
    host.usb(usb_bus + "1-4", {.ids = "1a40:0101", .device_class = "09"});
    EXPECT_THAT(of("usb:1-4"), ElementsAre("is a hub"));
    declare("hub", usb, "1-4", "press");
    EXPECT_THAT(refused(), ElementsAre("hub: 1-4 is a hub; name a port of it"));
}

TEST_F(Obstacles, a_usb_device_that_carries_the_gateway_stays) {
    host.usb(usb_bus + "1-3", {.ids = "0781:5567"});
    host.disk("sdb", usb_bus + "1-3/1-3:1.0/host1/target1:0:0/1:0:0:0", "8:16");
    host.mounts("26 1 8:16 / / rw,relatime shared:1 - ext4 /dev/sdb rw\n");
    EXPECT_THAT(of("usb:1-3"), ElementsAre("holds the root disk"));
    host.usb(usb_bus + "1-4", {.ids = "0b95:7720"});
    host.interface("eth7", usb_bus + "1-4/1-4:1.0", "1", "0x1003");
    host.file("proc/net/route", "Iface\tDestination\tGateway\neth7\t00000000\t0202000A\n");
    EXPECT_THAT(of("usb:1-4"), ElementsAre("carries the gateway's own addresses, eth7"));
    host.file("proc/12/comm", "minicom\n");
    host.link("proc/12/fd/5", "/dev/ttyUSB0");
    EXPECT_THAT(of("usb:1-1"), ElementsAre("its port /dev/ttyUSB0 is in use: minicom (12)"));
}

TEST_F(Obstacles, a_usb_device_and_its_serial_port_have_one_owner) {
    const std::string by_path = "/dev/serial/by-path/pci-0000:00:05.0-usb-0:1:1.0-port0";
    declare("adapter", usb, "1-1", "press");
    declare("line", serial, by_path, "robot-cell");
    EXPECT_THAT(refused(), ElementsAre(HasSubstr("adapter: 1-1 holds device line of partition robot-cell"),
                                       HasSubstr("is part of device adapter of partition press")));
    // Its owner has it: the kernel's driver, and with it the port, are gone.
    host.remove("sys/class/tty/ttyUSB0");
    host.remove("dev/serial/by-path/pci-0000:00:05.0-usb-0:1:1.0-port0");
    EXPECT_THAT(refused(), ElementsAre(HasSubstr("line: " + by_path + " is part of device adapter")));
    EXPECT_THAT(of("pci:0000:00:05.0"), ElementsAre("holds device adapter of partition press"));
}

TEST_F(Obstacles, a_usb_device_that_is_not_plugged_in_may_come) {
    declare("adapter", usb, "1-7.2", "press");
    EXPECT_THAT(refused(), IsEmpty());
}

TEST_F(Obstacles, a_port_whose_driver_can_not_turn_its_line_around_is_refused_by_name) {
    host.tty("ttyS8", "pnp0/00:08", "serial");
    host.tty("ttyS9", "pnp0/00:09", "8250_exar");
    for (const std::string at : {"/dev/ttyS8", "/dev/ttyS9", "/dev/ttyUSB1", "/dev/ttyS77"})
        declare("line-" + at.substr(8), model::DeviceKind::serial, at, "robot-cell");
    EXPECT_THAT(refused(), IsEmpty());
    for (auto& use : spec.partitions.front().devices) use.line.rs485 = model::Rs485{};
    EXPECT_THAT(
        refused(),
        ElementsAre("line-S8: /dev/ttyS8 can't have its RS-485 line turned around: its driver, serial, "
                    "has no TIOCSRS485; remove rs485, or take a port whose driver can: bulkhead "
                    "describe device tells",
                    "line-USB1: /dev/ttyUSB1 can't have its RS-485 line turned around: its driver, "
                    "ftdi_sio, has no TIOCSRS485; remove rs485: an adapter with RS-485 turns it "
                    "around by itself"));
}

TEST_F(Obstacles, what_no_mode_passes_says_what_would) {
    EXPECT_THAT(of("can:0000:00:02.0"), IsEmpty());
    EXPECT_THAT(of("nic:0000:00:06.0"), Contains("is a network card"));
}

TEST_F(Obstacles, a_can_bus_goes_where_the_kernel_can_mediate_one) {
    EXPECT_THAT(of("can:0000:00:02.0"), IsEmpty());
    declare("can-robot", can, "0000:00:02.0", "robot-cell");
    EXPECT_THAT(refused(), IsEmpty());
    host.remove("sys/module/vcan");
    EXPECT_THAT(of("can:0000:00:02.0"), ElementsAre("the kernel has no CONFIG_CAN_VCAN"));
    host.file("proc/net/protocols", "protocol  size sockets\nTCP       2200      3\n");
    EXPECT_THAT(of("can:0000:00:02.0"),
                ElementsAre("the kernel has no CONFIG_CAN_RAW", "the kernel has no CONFIG_CAN_VCAN"));
    EXPECT_THAT(refused(), ElementsAre("can-robot: can0 the kernel has no CONFIG_CAN_RAW; modprobe can-raw",
                                       "can-robot: can0 the kernel has no CONFIG_CAN_VCAN; modprobe vcan"));
    // Also where its interface is not there, for there is none without.
    spec = {};
    declare("can-robot", can, "vcan0", "robot-cell");
    EXPECT_THAT(refused(), Contains("can-robot: vcan0 can't be mediated: the kernel has no CONFIG_CAN_VCAN; "
                                    "modprobe vcan"));
}

TEST_F(Obstacles, a_bus_is_passed_whole_or_mediated) {
    declare("card", pci, "0000:00:02.0", "press");
    declare("can-robot", can, "0000:00:02.0", "robot-cell");
    EXPECT_THAT(of("pci:0000:00:02.0"), ElementsAre("holds device can-robot of partition robot-cell"));
    EXPECT_THAT(of("can:0000:00:02.0"), ElementsAre("is part of device card of partition press"));
    // Without its interface, which is gone while the function is passed on.
    host.remove("sys/class/net/can0");
    EXPECT_THAT(refused(),
                Contains("can-robot: 0000:00:02.0 is part of device card of partition press; assign "
                         "the one or the other"));
    // And by its USB port.
    spec = {};
    host.usb(usb_bus + "1-4", {.ids = "1d50:606f"});
    host.interface("can5", usb_bus + "1-4/1-4:1.0", "280");
    declare("adapter", usb, "1-4", "press");
    declare("can-robot", can, "1-4:1.0", "robot-cell");
    EXPECT_THAT(
        refused(),
        ElementsAre(HasSubstr("holds device can-robot of partition robot-cell; assign the one or the other"),
                    "can-robot: can5 is part of device adapter of partition press; assign the one or the "
                    "other"));
}

TEST_F(Obstacles, a_bus_that_is_up_by_our_own_doing_does_not_keep_its_controller) {
    host.file("sys/class/net/can0/flags", "0x40c1\n");
    EXPECT_THAT(of("pci:0000:00:02.0"), ElementsAre("its CAN interface can0 is up"));
    host.file("sys/class/net/can0/ifalias", "bulkhead-can:bulkhead\n");
    EXPECT_THAT(of("pci:0000:00:02.0"), IsEmpty());
}

TEST_F(Obstacles, a_can_controller_of_pci_must_be_there_and_any_other_may_come) {
    declare("can-robot", can, "0000:00:12.0", "robot-cell");
    EXPECT_THAT(refused(),
                ElementsAre(HasSubstr("can-robot: there is no PCI function at 0000:00:12.0; is it")));
    spec = {};
    declare("can-robot", can, "0000:00:04.0", "robot-cell");
    EXPECT_THAT(refused(), ElementsAre(HasSubstr("can-robot: no CAN interface is at 0000:00:04.0")));
    spec = {};
    declare("can-robot", can, "can0", "robot-cell");
    EXPECT_THAT(
        refused(),
        ElementsAre("can-robot: can0 is what the kernel calls it now, and no place; write 0000:00:02.0"));
    spec = {};
    declare("can-robot", can, "1-7:1.0", "robot-cell");
    EXPECT_THAT(refused(), IsEmpty());
    // While it is passed whole, and the spec wants it back.
    host.remove("sys/class/net/can0");
    host.remove("sys/devices/pci0000:00/0000:00:02.0/driver");
    host.link("sys/devices/pci0000:00/0000:00:02.0/driver", "sys/bus/pci/drivers/vfio-pci");
    spec = {};
    declare("can-robot", can, "0000:00:02.0", "robot-cell");
    EXPECT_THAT(refused(), IsEmpty());
}

}  // namespace
}  // namespace bulkhead::passthrough::inventory
