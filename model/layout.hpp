// Where one partition manager keeps its things. Tests give each daemon a layout of its own.
#pragma once

#include <filesystem>
#include <string>

#include "model/names.hpp"

namespace bulkhead::model {

struct Layout {
    std::filesystem::path state = "/var/lib/bulkhead";   // survives reboots
    std::filesystem::path run = "/run/bulkhead";         // gone after a reboot
    std::filesystem::path bpf = "/sys/fs/bpf/bulkhead";  // pinned maps and programs of the switch
    std::filesystem::path images = "/var/lib/bulkhead/images";
    // Marks what is ours in libvirt, where other managers may have domains too.
    std::string owner = "bulkhead";

    std::filesystem::path database() const { return state / "state.db"; }
    std::filesystem::path control_socket() const { return run / "control.sock"; }
    std::filesystem::path volume(const PartitionName& partition, const VolumeName& volume) const {
        return state / "volumes" / partition.str() / (volume.str() + ".img");
    }
    // Of one bundle: bundle.tar as it was pushed, and disk.img made of it.
    std::filesystem::path bundles() const { return state / "bundles"; }
    std::filesystem::path bundle(const BundleName& name, const std::string& digest) const {
        return bundles() / name.str() / digest;
    }
    std::filesystem::path agent_socket(const PartitionName& partition) const {
        return run / "agent" / (partition.str() + ".sock");
    }
    // State of a partition's TPM, by the partition's uid: encrypted, and the sealed key beside it.
    std::filesystem::path vtpm(const std::string& uid) const { return state / "vtpm" / uid; }
    // QEMU connects here to the partition's TPM.
    std::filesystem::path vtpm_socket(const PartitionName& partition) const {
        return run / "tpm" / (partition.str() + ".sock");
    }
    // QEMU connects here for the bytes of the line.
    std::filesystem::path serial_socket(const DeviceName& device) const {
        return run / "serial" / (device.str() + ".sock");
    }
    // State and requests of the process that owns the line.
    std::filesystem::path serial_control(const DeviceName& device) const {
        return run / "serial" / (device.str() + ".ctl");
    }
    // Sockets of those who give several partitions their turns at one line.
    std::filesystem::path shared_lines() const { return run / "line"; }
    // The same of the process that owns what is plugged into a USB port.
    std::filesystem::path usb_socket(const DeviceName& device) const {
        return run / "usb" / (device.str() + ".sock");
    }
    std::filesystem::path usb_control(const DeviceName& device) const {
        return run / "usb" / (device.str() + ".ctl");
    }
    // The control socket of the process that owns a device's port on a CAN bus; QEMU has no socket of it.
    std::filesystem::path can_control(const DeviceName& device) const {
        return run / "can" / (device.str() + ".ctl");
    }
    // What a partition that must be trusted was granted last of the device.
    std::filesystem::path gate(const DeviceName& device) const { return run / "gate" / device.str(); }
    // Records of PCI functions that are assigned, and of what had them before.
    std::filesystem::path pci_records() const { return run / "pci"; }
    // Of tenants' routers: what each is to be, its control socket, and a folder for its programs.
    std::filesystem::path routers() const { return run / "router"; }
    std::filesystem::path router_config(const TenantName& tenant) const {
        return routers() / (tenant.str() + ".json");
    }
    std::filesystem::path router_control(const TenantName& tenant) const {
        return routers() / (tenant.str() + ".ctl");
    }
    std::filesystem::path router_folder(const TenantName& tenant) const { return routers() / tenant.str(); }
    // The same of the guards of tenants' conduits.
    std::filesystem::path guards() const { return run / "guard"; }
    std::filesystem::path guard_config(const TenantName& tenant) const {
        return guards() / (tenant.str() + ".json");
    }
    std::filesystem::path guard_control(const TenantName& tenant) const {
        return guards() / (tenant.str() + ".ctl");
    }
    std::filesystem::path guard_folder(const TenantName& tenant) const { return guards() / tenant.str(); }
};

}  // namespace bulkhead::model
