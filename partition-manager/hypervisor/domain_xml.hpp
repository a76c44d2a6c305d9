// A partition as libvirt domain XML: https://libvirt.org/formatdomain.html
#pragma once

#include <string>

#include "model/layout.hpp"
#include "model/machine_facts.hpp"
#include "model/observed.hpp"
#include "model/resources.hpp"

namespace bulkhead::hypervisor {

// Where on this host QEMU's parts are, and which limits its kernel can hold. What it can't is left out of the
// XML (libvirt would refuse the start) and named by capabilities().
struct HostSupport {
    std::string firmware = "/usr/share/qemu/qboot.rom";
    bool cpu_limit = true;
    bool memory_limit = true;
    bool io_weight = true;
};

std::string domain_xml(const model::Machine& machine, const model::Layout& layout,
                       const model::Accelerator& accelerator, const HostSupport& host);

// What QEMU may use beside the guest's memory: devices, I/O buffers, page tables and, under TCG, the cache of
// translated code. Generous: a machine that passes the sum is killed, so this is a bulkhead, not a quota.
Bytes memory_overhead(const model::Accelerator& accelerator);

// Serial number by which the guest finds the volume: its name, or, as virtio-blk carries only 20 bytes
// (VIRTIO_BLK_ID_BYTES), a digest of a longer one.
std::string volume_serial(const model::VolumeName& volume);

// Of the disk with the vendor's bundle. No volume has it: their names have no dot.
inline constexpr const char* bundle_serial = "bulkhead.bundle";

// The console's output, kept by virtlogd, which rotates it at 2 MiB and keeps three.
std::filesystem::path console_log_path(const model::Layout& layout, const model::PartitionName& partition);

// What our element in the metadata says. Everything is empty if it is not ours.
struct Mark {
    std::string owner;
    std::string tenant;
    std::string fingerprint;
    std::string image;  // digest
};
Mark parse_mark(const std::string& metadata);

// What a definition says that is measured before a start; all but the emulator's command line.
model::MachineFacts facts_of(const std::string& xml);
// QEMU's command line without what libvirt makes up for each start: the machine's own uuid, which is measured
// by itself, the number of the domain in paths, and descriptors.
std::string normalised_command(std::string command, const std::string& uid);

// Path of the pseudo-terminal of the console in the XML of a running domain; empty if there is none.
std::string console_path(const std::string& xml);

// Guests have four ISA ports; the console takes one.
inline constexpr std::size_t serial_devices_limit = 3;

}  // namespace bulkhead::hypervisor
