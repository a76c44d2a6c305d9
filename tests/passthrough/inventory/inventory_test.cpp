#include "passthrough/inventory/inventory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/text.hpp"
#include "passthrough/inventory/network.hpp"
#include "tests/passthrough/inventory/host.hpp"

namespace bulkhead::passthrough::inventory {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing_support::Host;

std::vector<std::string> ids(const Inventory& inventory) {
    std::vector<std::string> all;
    for (const auto& device : inventory.devices) all.push_back(device.id);
    return all;
}

TEST(Inventory, of_a_host_without_any_is_empty) {
    const Host host;
    EXPECT_EQ(host.look(), Inventory{});
}

TEST(Inventory, of_the_labs_gateway_names_all_by_their_places_and_in_their_order) {
    const Host host;
    make_lab_gateway(host);
    const auto found = host.look();
    EXPECT_THAT(ids(found),
                ElementsAre("pci:0000:00:00.0", "pci:0000:00:02.0", "pci:0000:00:03.0", "pci:0000:00:04.0",
                            "pci:0000:00:05.0", "pci:0000:00:06.0", "pci:0000:00:1f.0", "pci:0000:00:1f.2",
                            "pci:0000:00:1f.3", "usb:1-1", "usb:1-2", "serial:00:01", "serial:0000:00:04.0/0",
                            "serial:0000:00:04.0/1", "serial:1-1:1.0", "serial:1-2:1.0", "can:0000:00:02.0",
                            "can:0000:00:03.0", "nic:0000:00:06.0", "tpm:MSFT0101:00"));
    EXPECT_TRUE(found.iommu);
    EXPECT_TRUE(found.vfio);
}

TEST(Inventory, says_of_a_pci_function_what_it_is_and_who_shares_its_group) {
    const Host host;
    make_lab_gateway(host);
    host.file("usr/share/misc/pci.ids",
              "# comment\n10e8  Applied Micro Circuits Corp.\n\t8406  PCIcan\x1b[31m II\n\t\t10e8 8406  "
              "sub\n1b36  Red Hat\n");
    const auto found = host.look();
    const auto* can = found.find("pci:0000:00:02.0");
    ASSERT_NE(can, nullptr);
    EXPECT_EQ(can->at, "0000:00:02.0");
    EXPECT_EQ(can->title, "PCI device, Applied Micro Circuits Corp. PCIcan[31m II");
    EXPECT_EQ(can->driver, "kvaser_pci");
    EXPECT_EQ(can->group, "1");
    EXPECT_THAT(can->group_members, IsEmpty());
    EXPECT_THAT(can->resets, ElementsAre("pm"));
    EXPECT_EQ(found.find("pci:0000:00:04.0")->title, "serial controller, Red Hat 1b36:0003");
    EXPECT_EQ(found.find("pci:0000:00:06.0")->title, "Ethernet controller, 1af4:1000");
    EXPECT_THAT(found.find("pci:0000:00:1f.2")->group_members, ElementsAre("0000:00:1f.0", "0000:00:1f.3"));
}

TEST(Inventory, leaves_bridges_to_slots_out_of_a_group_that_they_lead_to) {
    const Host host;
    host.pci("pci0000:00/0000:00:1c.0", {"8086:7a38", "0x060400", "pcieport", "9", ""});
    host.pci("pci0000:00/0000:00:1c.0/0000:01:00.0", {"13fe:c302", "0x0c0900", "", "9", ""});
    const auto found = host.look();
    EXPECT_THAT(found.find("pci:0000:01:00.0")->group_members, IsEmpty());
    EXPECT_TRUE(found.find("pci:0000:00:1c.0")->board);
    EXPECT_EQ(found.parent_of(*found.find("pci:0000:01:00.0"))->id, "pci:0000:00:1c.0");
}

TEST(Inventory, tells_two_equal_adapters_apart_and_knows_what_is_part_of_what) {
    const Host host;
    make_lab_gateway(host);
    const auto found = host.look();
    const auto* port = found.find("serial:1-2:1.0");
    ASSERT_NE(port, nullptr);
    EXPECT_EQ(port->node, "/dev/ttyUSB1");
    EXPECT_EQ(port->at, "/dev/serial/by-path/pci-0000:00:05.0-usb-0:2:1.0-port0");
    EXPECT_EQ(port->driver, "ftdi_sio");
    EXPECT_EQ(port->rs485, Rs485::adapter);
    const auto* adapter = found.parent_of(*port);
    ASSERT_NE(adapter, nullptr);
    EXPECT_EQ(adapter->id, "usb:1-2");
    EXPECT_EQ(found.parent_of(*adapter)->id, "pci:0000:00:05.0");
    EXPECT_EQ(found.parent_of(*found.parent_of(*adapter)), nullptr);
    EXPECT_THAT(found.inside(*adapter), ElementsAre(port));
    EXPECT_THAT(found.inside(*found.find("pci:0000:00:05.0")), SizeIs(4));
}

TEST(Inventory, finds_what_a_spec_declares_by_its_kind_and_place) {
    const Host host;
    make_lab_gateway(host);
    const auto found = host.look();
    const auto find = [&](model::DeviceKind kind, const std::string& at) {
        const auto* device = found.find(model::Device{model::DeviceName("x"), kind, at});
        return device == nullptr ? std::string() : device->id;
    };
    EXPECT_EQ(find(model::DeviceKind::pci, "0000:00:02.0"), "pci:0000:00:02.0");
    EXPECT_EQ(find(model::DeviceKind::serial, "/dev/ttyS4"), "serial:0000:00:04.0/0");
    EXPECT_EQ(find(model::DeviceKind::serial, "/dev/serial/by-path/pci-0000:00:05.0-usb-0:1:1.0-port0"),
              "serial:1-1:1.0");
    EXPECT_EQ(find(model::DeviceKind::serial, "0000:00:02.0"), "");
    EXPECT_EQ(find(model::DeviceKind::pci, "0000:00:0a.0"), "");
}

TEST(Inventory, leaves_out_ports_that_are_not_there_and_terminals_without_a_device) {
    const Host host;
    host.tty("ttyS0", "pnp0/00:01");
    host.file("sys/class/tty/ttyS0/type", "4\n");
    host.tty("ttyS1", "platform/serial8250");
    host.file("sys/class/tty/ttyS1/type", "0\n");
    host.file("sys/class/tty/tty7/dev", "4:7\n");
    EXPECT_THAT(ids(host.look()), ElementsAre("serial:00:01"));
}

TEST(Inventory, says_who_uses_a_port) {
    const Host host;
    host.tty("ttyS0", "pnp0/00:01");
    host.tty("ttyS1", "pnp0/00:02");
    host.tty("ttyS2", "pnp0/00:03");
    host.file("sys/class/tty/console/active", "tty0 ttyS0\n");
    host.file("proc/4711/comm", "minicom\n");
    host.link("proc/4711/fd/3", "/dev/ttyS1");
    const auto found = host.look();
    EXPECT_EQ(found.find("serial:00:01")->used_by, "kernel console");
    EXPECT_EQ(found.find("serial:00:02")->used_by, "minicom (4711)");
    EXPECT_EQ(found.find("serial:00:03")->used_by, "");
}

TEST(Inventory, knows_which_cards_the_gateway_itself_talks_over) {
    const Host host;
    host.pci("pci0000:00/0000:00:06.0", {});
    host.pci("pci0000:00/0000:00:07.0", {});
    host.interface("enp0s6", "pci0000:00/0000:00:06.0");
    host.interface("enp0s7", "pci0000:00/0000:00:07.0");
    host.interface("br0", "");
    host.file("sys/class/net/enp0s6/upper_br0/x", "");
    host.file("proc/net/if_inet6",
              "fe800000000000005054000000000001 03 40 20 80   enp0s7\n"
              "fd000000000000000000000000000001 04 40 00 80      br0\n");
    const auto found = host.look();
    EXPECT_TRUE(found.find("nic:0000:00:06.0")->carries_host);
    EXPECT_FALSE(found.find("nic:0000:00:07.0")->carries_host);
    EXPECT_EQ(found.find("nic:br0"), nullptr);  // no hardware stands behind it
}

TEST(Inventory, tells_channels_of_one_controller_apart) {
    const Host host;
    host.pci("pci0000:00/0000:00:02.0", {});
    host.interface("can3", "pci0000:00/0000:00:02.0", "280");
    host.interface("can1", "pci0000:00/0000:00:02.0", "280", "0x40c1");
    host.file("sys/class/net/can3/dev_port", "0\n");
    host.file("sys/class/net/can1/dev_port", "1\n");
    host.interface("vcan0", "", "280");
    const auto found = host.look();
    EXPECT_EQ(found.find("can:0000:00:02.0/0")->node, "can3");
    EXPECT_EQ(found.find("can:0000:00:02.0/1")->node, "can1");
    EXPECT_EQ(found.find("can:0000:00:02.0/0")->used_by, "");
    EXPECT_NE(found.find("can:0000:00:02.0/1")->used_by, "");
    EXPECT_EQ(found.find("can:vcan0")->title, "virtual CAN interface");
    // By the place, as a spec has it; the guest's end of a port of ours is nobody's.
    EXPECT_EQ(found.find("can:0000:00:02.0/1")->at, "0000:00:02.0/1");
    EXPECT_EQ(can_interface_at(host.tree(), "0000:00:02.0/1"), "can1");
    EXPECT_EQ(can_interface_at(host.tree(), "0000:00:02.0"), "");
    host.interface("bhc01234567", "", "280");
    EXPECT_NE(host.look().find("can:bhc01234567"), nullptr);
    host.file("sys/class/net/bhc01234567/ifalias", "bulkhead-can:bulkhead\n");
    EXPECT_EQ(host.look().find("can:bhc01234567"), nullptr);
}

TEST(Inventory, finds_gpio_chips_by_what_they_belong_to) {
    const Host host;
    host.file("sys/devices/platform/INTC1056:00/gpiochip0/dev", "254:0\n");
    host.link("sys/bus/gpio/devices/gpiochip0", "sys/devices/platform/INTC1056:00/gpiochip0");
    const auto found = host.look();
    const auto* chip = found.find("gpio:INTC1056:00");
    ASSERT_NE(chip, nullptr);
    EXPECT_EQ(chip->node, "/dev/gpiochip0");
}

TEST(Inventory, sees_through_volumes_to_the_disks_that_the_gateway_stands_on) {
    const Host host;
    host.disk("nvme0n1p2", "pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0", "259:2");
    host.file("sys/devices/virtual/block/dm-0/dev", "253:0\n");
    host.link("sys/dev/block/253:0", "sys/devices/virtual/block/dm-0");
    host.file("sys/devices/virtual/block/dm-0/slaves/nvme0n1p2/x", "");
    host.disk("sdb", "pci0000:00/0000:00:14.0/usb1/1-5/1-5:1.0/host1", "8:16");
    host.mounts(
        "30 1 253:0 / / rw - ext4 /dev/mapper/vg-root rw\n"
        "31 30 0:44 / /srv rw - btrfs /dev/sdb rw\n"
        "32 30 0:22 / /proc rw - proc proc rw\nbroken\n");
    const auto disks = host.look().disks;
    ASSERT_EQ(disks.size(), 2U);
    EXPECT_EQ(disks.begin()->second, "the disk mounted at /srv");
    EXPECT_EQ(disks.rbegin()->second, "the root disk");
}

TEST(Inventory, makes_printable_and_short_what_devices_say_of_themselves) {
    const Host host;
    host.usb("pci0000:00/0000:00:14.0/usb1/1-1",
             {"0403:6001", "\x1b]0;owned\x07" + std::string(3000, 'A') + "\xff", "1\n2", "00"});
    host.file("sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/manufacturer", std::string(100'000, 'B'));
    const auto found = host.look();
    const auto* device = found.find("usb:1-1");
    ASSERT_NE(device, nullptr);
    EXPECT_LE(device->title.size(), 64U);
    for (const auto& text : {device->title, device->serial_number}) EXPECT_EQ(text, printable(text, 64));
}

TEST(Inventory, has_an_end) {
    const Host host;
    for (int i = 0; i < 520; ++i) {
        const auto chip = "gpiochip" + std::to_string(i);
        const auto place = "sys/devices/c" + std::to_string(i) + "/" + chip;
        host.file(place + "/dev", "");
        host.link("sys/bus/gpio/devices/" + chip, place);
    }
    EXPECT_EQ(host.look().devices.size(), 512U);
}

TEST(Inventory, of_this_very_host_gives_each_device_an_id_of_its_own) {
    const auto found = look();
    std::set<std::string> once;
    for (const auto& device : found.devices) {
        EXPECT_TRUE(once.insert(device.id).second) << device.id;
        EXPECT_TRUE(device.id.starts_with(std::string(to_string(device.kind)) + ":")) << device.id;
        EXPECT_FALSE(device.title.empty()) << device.id;
    }
    const Tree tree;
    for (const auto& address : tree.names("sys/bus/pci/devices"))
        EXPECT_NE(found.find("pci:" + address), nullptr) << address;
    EXPECT_EQ(look().devices.size(), found.devices.size());
}

TEST(Inventory, sees_that_apparmor_keeps_qemu_from_can) {
    const Host host;
    const std::string rules = "etc/apparmor.d/abstractions/libvirt-qemu";
    const std::string own = "etc/apparmor.d/local/abstractions/libvirt-qemu";
    host.file(rules, "  network inet stream,\n  network inet6 stream,\n");
    EXPECT_FALSE(host.look().can_denied) << "AppArmor is off";
    host.file("sys/module/apparmor/parameters/enabled", "Y\n");
    EXPECT_TRUE(host.look().can_denied);
    for (const std::string line :
         {"network can raw,", "  network can,  # buses", "network,", "allow network raw,"}) {
        host.file(own, "# ours\n" + line + "\n");
        EXPECT_FALSE(host.look().can_denied) << line;
    }
    for (const std::string line :
         {"# network can raw,", "deny network can raw,", "network can dgram,", "network cant,"}) {
        host.file(own, line + "\n");
        EXPECT_TRUE(host.look().can_denied) << line;
    }
    host.remove(rules);
    EXPECT_FALSE(host.look().can_denied) << "nothing of libvirt's is confined";
}

}  // namespace
}  // namespace bulkhead::passthrough::inventory
