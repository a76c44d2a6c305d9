#include "partition-manager/lifecycle/guest_configuration.hpp"

#include <gtest/gtest.h>

#include "model/resources.hpp"

namespace bulkhead::lifecycle {
namespace {

using namespace model;

Spec two_zones() {
    Spec spec;
    spec.gateway = GatewayName("press-line-3");
    spec.zones = {{ZoneName("cell"), TenantName("acme"), *parse_prefix("10.20.1.0/24")},
                  {ZoneName("it"), TenantName("it"), *parse_prefix("10.20.9.0/24")}};
    Partition robot;
    robot.name = PartitionName("robot");
    robot.interfaces = {{ZoneName("cell"), *parse_ipv4("10.20.1.10")}};
    robot.volumes = {{VolumeName("data"), Bytes{1}, "/data"}};
    robot.devices = {{DeviceName("rs485-1"), *parse_serial_line("9600 8N1")},
                     {DeviceName("can-1"), *parse_serial_line("115200 8N1"), DeviceProtocol::slcan, 500000}};
    robot.application = Application{"collector", {{"unit", "1"}}};
    Partition admin;
    admin.name = PartitionName("admin");
    admin.interfaces = {{ZoneName("it"), *parse_ipv4("10.20.9.2")}};
    Partition stranger;
    stranger.name = PartitionName("stranger");
    stranger.interfaces = {{ZoneName("it"), *parse_ipv4("10.20.9.3")}};
    spec.partitions = {robot, admin, stranger};
    spec.conduits = {{ConduitName("readings"), EndName("robot"), EndName("admin"), {}, "x"}};
    return spec;
}

TEST(GuestConfiguration, gives_both_ends_of_a_conduit_each_other_and_nobody_else) {
    const Spec spec = two_zones();
    const auto robot = guest_configuration(spec, spec.partitions[0]);
    ASSERT_EQ(robot.interfaces_size(), 1);
    EXPECT_EQ(robot.interfaces(0).address(), "10.20.1.10/24");
    EXPECT_EQ(robot.interfaces(0).mac(), to_string(port_mac(spec.gateway, PartitionName("robot"), 0)));
    ASSERT_EQ(robot.interfaces(0).neighbours_size(), 1);
    EXPECT_EQ(robot.interfaces(0).neighbours(0).address(), "10.20.9.2");
    EXPECT_EQ(robot.interfaces(0).neighbours(0).mac(),
              to_string(port_mac(spec.gateway, PartitionName("admin"), 0)));
    EXPECT_EQ(guest_configuration(spec, spec.partitions[1]).interfaces(0).neighbours_size(), 1);
    EXPECT_EQ(guest_configuration(spec, spec.partitions[2]).interfaces(0).neighbours_size(), 0);
}

TEST(GuestConfiguration, tells_the_way_out_of_those_who_have_one) {
    auto spec = two_zones();
    spec.outsides = {{EndName("beyond"), {*parse_prefix("203.0.113.0/24")}}};
    spec.conduits.push_back(
        {ConduitName("out"), EndName("robot"), EndName("beyond"), {{Transport::tcp, 443}}});
    Router router;
    router.zones = {ZoneName("cell")};
    router.names = {"example.com"};
    spec.routers = {router};
    const auto robot = guest_configuration(spec, spec.partitions[0]).interfaces(0);
    EXPECT_EQ(robot.gateway(), "10.20.1.1");
    EXPECT_EQ(robot.name_server(), "10.20.1.1");
    ASSERT_EQ(robot.routes_size(), 1);
    EXPECT_EQ(robot.routes(0), "203.0.113.0/24");
    const auto admin = guest_configuration(spec, spec.partitions[1]).interfaces(0);
    EXPECT_EQ(admin.gateway() + admin.name_server(), "");
    EXPECT_EQ(admin.routes_size(), 0);
}

TEST(GuestConfiguration, says_nothing_to_the_guest_of_how_the_host_works_its_line) {
    auto spec = two_zones();
    spec.devices = {{DeviceName("rs485-1")}, {DeviceName("can-1")}};
    auto& line = spec.partitions[0].devices[0].line;
    line.rs485 = Rs485{};
    line.turns = Turns{};
    const auto robot = guest_configuration(spec, spec.partitions[0]);
    ASSERT_EQ(robot.devices_size(), 2);
    EXPECT_EQ(robot.devices(0).line(), "9600 8N1");
}

TEST(GuestConfiguration, a_function_takes_no_number_of_a_line_and_keeps_its_own_order) {
    Spec spec = two_zones();
    spec.devices = {{DeviceName("card"), DeviceKind::pci, "0000:00:02.0"},
                    {DeviceName("other"), DeviceKind::pci, "0000:00:03.0"}};
    auto& uses = spec.partitions[0].devices;
    uses.insert(uses.begin() + 1, DeviceUse{DeviceName("card"), {}, DeviceProtocol::can, 500000});
    uses.push_back(DeviceUse{DeviceName("other")});
    const auto robot = guest_configuration(spec, spec.partitions[0]);
    ASSERT_EQ(robot.devices_size(), 4);
    EXPECT_EQ(robot.devices(1).pci(), "0000:00:15.0");
    EXPECT_EQ(robot.devices(1).bitrate(), 500000U);
    EXPECT_EQ(robot.devices(1).path(), "");
    EXPECT_EQ(robot.devices(2).path(), "/dev/ttyS2");
    EXPECT_EQ(robot.devices(2).can(), "slcan0");
    EXPECT_EQ(robot.devices(3).pci(), "0000:00:16.0");
    EXPECT_EQ(robot.devices(3).bitrate(), 0U);
}

TEST(GuestConfiguration, a_usb_device_has_a_port_of_its_own) {
    Spec spec = two_zones();
    spec.devices = {{DeviceName("scale"), DeviceKind::usb, "1-4"},
                    {DeviceName("scanner"), DeviceKind::usb, "3-1"}};
    spec.partitions[0].devices = {DeviceUse{DeviceName("scale")}, DeviceUse{DeviceName("scanner")}};
    const auto robot = guest_configuration(spec, spec.partitions[0]);
    ASSERT_EQ(robot.devices_size(), 2);
    EXPECT_EQ(robot.devices(0).usb(), 1U);
    EXPECT_EQ(robot.devices(1).usb(), 2U);
    EXPECT_EQ(robot.devices(0).path() + robot.devices(0).pci(), "");
    EXPECT_EQ(guest_name(spec, spec.partitions[0], 1), "usb 1-2");
}

TEST(GuestConfiguration, a_mediated_bus_is_a_controller_that_the_agent_brings_up) {
    Spec spec = two_zones();
    spec.devices = {{DeviceName("card"), DeviceKind::pci, "0000:00:02.0"},
                    {DeviceName("can-robot"), DeviceKind::can, "0000:00:08.0"},
                    {DeviceName("can-press"), DeviceKind::can, "vcan0"}};
    spec.partitions[0].devices = {DeviceUse{DeviceName("can-robot"), {}, DeviceProtocol::can, 500000},
                                  DeviceUse{DeviceName("card")},
                                  DeviceUse{DeviceName("can-press"), {}, DeviceProtocol::can, 125000}};
    const auto robot = guest_configuration(spec, spec.partitions[0]);
    ASSERT_EQ(robot.devices_size(), 3);
    EXPECT_EQ(robot.devices(0).pci(), "0000:00:1e.0");
    EXPECT_EQ(robot.devices(0).bitrate(), 500000U);
    EXPECT_EQ(robot.devices(1).pci(), "0000:00:15.0");
    EXPECT_EQ(robot.devices(2).pci(), "0000:00:1e.1");
    EXPECT_EQ(robot.devices(2).bitrate(), 125000U);
    EXPECT_EQ(robot.devices(0).path() + robot.devices(0).can(), "");
}

TEST(GuestConfiguration, numbers_ports_in_order_and_can_interfaces_among_themselves) {
    const Spec spec = two_zones();
    const auto robot = guest_configuration(spec, spec.partitions[0]);
    ASSERT_EQ(robot.devices_size(), 2);
    EXPECT_EQ(robot.devices(0).path(), "/dev/ttyS1");
    EXPECT_EQ(robot.devices(0).line(), "9600 8N1");
    EXPECT_EQ(robot.devices(0).can(), "");
    EXPECT_EQ(robot.devices(1).path(), "/dev/ttyS2");
    EXPECT_EQ(robot.devices(1).can(), "slcan0");
    EXPECT_EQ(robot.devices(1).pci(), "");
    EXPECT_EQ(robot.devices(1).bitrate(), 500000U);
    EXPECT_EQ(robot.application().config().at("unit"), "1");
    EXPECT_EQ(robot.volumes(0).mount(), "/data");
}

}  // namespace
}  // namespace bulkhead::lifecycle
