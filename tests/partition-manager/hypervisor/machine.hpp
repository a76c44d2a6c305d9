// A machine for tests.
#pragma once

#include "model/layout.hpp"
#include "model/resources.hpp"

namespace bulkhead::hypervisor {

inline model::Machine small_machine(const std::string& name) {
    return {.name = model::PartitionName(name),
            .uid = "3f2b1c00-5a5e-4d7e-9a10-0123456789ab",
            .tenant = model::TenantName("acme"),
            .cpus = 1,
            .memory = 192_MiB,
            .image = {.name = model::ImageName("partition-base"),
                      .digest = "ba5e",
                      .kernel = "/var/lib/bulkhead/images/partition-base/vmlinux",
                      .initrd = "/var/lib/bulkhead/images/partition-base/initrd.img",
                      .command_line = "console=ttyS0 quiet"},
            .fingerprint = "f00d"};
}

inline model::Machine full_machine() {
    auto machine = small_machine("robot-cell");
    machine.cpus = 2;
    machine.pin = {2, 3};
    machine.io_weight = 300;
    machine.volumes = {{{machine.name, model::VolumeName("data")}, 64_MiB},
                       {{machine.name, model::VolumeName("a-name-of-more-than-20-bytes")}, 64_MiB}};
    machine.devices = {{model::DeviceName("rs485-1")}, {model::DeviceName("can-1")}};
    machine.ports = {{.name = model::PortName("bh-0123456789"),
                      .partition = machine.name,
                      .index = 0,
                      .zone = model::ZoneName("acme-cell"),
                      .mac = {{0x02, 0x00, 0x00, 0x00, 0x00, 0x01}},
                      .address = {}}};
    return machine;
}

}  // namespace bulkhead::hypervisor
