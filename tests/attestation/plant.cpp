#include "plant.hpp"

namespace bulkhead::testing_support {

using namespace model;

Spec plant() {
    Spec spec;
    spec.gateway = GatewayName("press-line-3");
    spec.tenants = {{.name = TenantName("robots")}};
    spec.devices = {{.name = DeviceName("arm"), .kind = DeviceKind::serial, .at = "/dev/serial/by-path/1"}};
    spec.zones = {{.name = ZoneName("cell"),
                   .tenant = TenantName("robots"),
                   .subnet = {.network = Ipv4{0x0a000000}, .length = 24}}};
    Partition robot{.name = PartitionName("robot-cell"),
                    .tenant = TenantName("robots"),
                    .image = ImageName("partition-base")};
    robot.memory = 256_MiB;
    robot.application = Application{.path = "/apps/robot", .config = {{"speed", "fast"}}};
    robot.devices = {
        {.device = DeviceName("arm"), .line = {}, .protocol = DeviceProtocol::slcan, .bitrate = 500000}};
    robot.interfaces = {{.zone = ZoneName("cell"), .address = Ipv4{0x0a000002}}};
    Partition historian{.name = PartitionName("historian"),
                        .tenant = TenantName("robots"),
                        .image = ImageName("partition-base")};
    historian.memory = 256_MiB;
    historian.interfaces = {{.zone = ZoneName("cell"), .address = Ipv4{0x0a000003}}};
    spec.partitions = {robot, historian};
    spec.conduits = {{.name = ConduitName("robot-to-historian"),
                      .from = PartitionName("robot-cell"),
                      .to = PartitionName("historian"),
                      .allow = {{.transport = Transport::tcp, .port = 8883}},
                      .because = "it stores what the robot says"}};
    return spec;
}

}  // namespace bulkhead::testing_support
