#include "plant.hpp"

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"

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
                      .from = EndName("robot-cell"),
                      .to = EndName("historian"),
                      .allow = {{.transport = Transport::tcp, .port = 8883}},
                      .because = "it stores what the robot says"}};
    return spec;
}

std::string digest_of(const std::string& text) {
    return crypto::to_hex(crypto::sha256_raw(text));
}

attestation::References plant_references() {
    attestation::References references;
    references.host = {{"kernel", {digest_of("host kernel")}},
                       {"command_line", {digest_of("host command line")}},
                       {"bulkheadd", {digest_of("bulkheadd"), digest_of("next bulkheadd")}}};
    for (const char* name : {"qemu", "swtpm", "firmware"}) references.platform[name] = {digest_of(name)};
    for (const char* name : {"kernel", "initrd", "command_line", "image"})
        references.images["partition-base"][name] = digest_of(name);
    for (const auto& partition : plant().partitions)
        references.argv[partition.name.str()] = digest_of("argv of " + partition.name.str());
    return references;
}

}  // namespace bulkhead::testing_support
