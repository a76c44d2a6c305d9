#include "partition-manager/hypervisor/domain_xml.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <pugixml.hpp>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "partition-manager/hypervisor/connection.hpp"
#include "partition-manager/hypervisor/reach.hpp"

namespace bulkhead::hypervisor {
namespace {

using Attributes = std::initializer_list<std::pair<const char*, std::string>>;

pugi::xml_node add(pugi::xml_node parent, const char* name, Attributes attributes = {}) {
    auto node = parent.append_child(name);
    for (const auto& [key, value] : attributes) node.append_attribute(key).set_value(value.c_str());
    return node;
}

pugi::xml_node add_text(pugi::xml_node parent, const char* name, const std::string& text,
                        Attributes attributes = {}) {
    auto node = add(parent, name, attributes);
    node.text().set(text.c_str());
    return node;
}

// Devices sit on the root bus at fixed places: names in the guest don't move when another device comes or
// goes, and there is no root port per device to enumerate. Nothing here is hot-plugged.
void add_slot(pugi::xml_node device, unsigned slot) {
    add(device, "address",
        {{"type", "pci"},
         {"domain", "0x0000"},
         {"bus", "0x00"},
         {"slot", fmt::format("{:#04x}", slot)},
         {"function", "0x0"}});
}
constexpr unsigned slot_of_channel = 2;
constexpr unsigned slot_of_random = 3;
constexpr unsigned first_port_slot = 4;
constexpr unsigned first_volume_slot = 12;
constexpr unsigned slot_of_usb = 29;
constexpr unsigned end_of_slots = 31;  // 31 is the chipset's

void add_identity(pugi::xml_node domain, const model::Machine& machine, const model::Layout& layout) {
    add_text(domain, "name", machine.name.str());
    add_text(domain, "uuid", machine.uid);
    add_text(domain, "title", "Bulkhead partition of " + machine.tenant.str());
    add(add(domain, "metadata"), "bulkhead:partition",
        {{"xmlns:bulkhead", metadata_uri},
         {"owner", layout.owner},
         {"tenant", machine.tenant.str()},
         {"fingerprint", machine.fingerprint},
         {"image", machine.image.digest}});
}

void add_limits(pugi::xml_node domain, const model::Machine& machine, const model::Accelerator& accelerator,
                const HostSupport& host) {
    add_text(domain, "memory", std::to_string(machine.memory.kib()), {{"unit", "KiB"}});
    if (host.memory_limit) {
        const Bytes limit{machine.memory.count + memory_overhead(accelerator).count};
        add_text(add(domain, "memtune"), "hard_limit", std::to_string(limit.kib()), {{"unit", "KiB"}});
    }
    add_text(domain, "vcpu", std::to_string(machine.cpus), {{"placement", "static"}});
    if (host.io_weight) add_text(add(domain, "blkiotune"), "weight", std::to_string(machine.io_weight));
    if (!host.cpu_limit && machine.pin.empty()) return;

    auto tune = add(domain, "cputune");
    if (host.cpu_limit) {
        // Over all of QEMU's threads: device emulation is paid from the partition's own CPUs.
        constexpr unsigned period = 100'000;  // microseconds
        add_text(tune, "shares", std::to_string(1024 * machine.cpus));
        add_text(tune, "global_period", std::to_string(period));
        add_text(tune, "global_quota", std::to_string(period * machine.cpus));
    }
    std::string set;
    for (const unsigned cpu : machine.pin) set += (set.empty() ? "" : ",") + std::to_string(cpu);
    if (set.empty()) return;
    for (unsigned cpu = 0; cpu < machine.cpus; ++cpu) {
        const bool one_each = machine.pin.size() == machine.cpus;
        add(tune, "vcpupin",
            {{"vcpu", std::to_string(cpu)}, {"cpuset", one_each ? std::to_string(machine.pin[cpu]) : set}});
    }
    add(tune, "emulatorpin", {{"cpuset", set}});
}

// What we add to the image's command line.
std::string own_words(const model::PartitionName& partition) {
    return " bulkhead.partition=" + partition.str();
}

void add_platform(pugi::xml_node domain, const model::Machine& machine, bool kvm, const HostSupport& host) {
    auto os = add(domain, "os");
    add_text(os, "type", "hvm", {{"arch", "x86_64"}, {"machine", "q35"}});
    // qboot, not SeaBIOS: SeaBIOS puts the initrd over the ACPI tables of a kernel that boots by PVH.
    add_text(os, "loader", host.firmware, {{"type", "rom"}});
    add_text(os, "kernel", machine.image.kernel.string());
    add_text(os, "initrd", machine.image.initrd.string());
    add_text(os, "cmdline", machine.image.command_line + own_words(machine.name));

    auto features = add(domain, "features");
    add(features, "acpi");
    add(features, "apic");
    add(features, "vmport", {{"state", "off"}});
    add(features, "smm", {{"state", "off"}});
    if (!kvm) {
        // QEMU would take an eighth of the host's memory for it.
        add_text(add(features, "tcg"), "tb-cache", "128", {{"unit", "MiB"}});
    }
    if (kvm)
        add(domain, "cpu", {{"mode", "host-passthrough"}, {"check", "none"}, {"migratable", "off"}});
    else
        add(domain, "cpu", {{"mode", "maximum"}, {"check", "none"}});
    add(domain, "clock", {{"offset", "utc"}});
    // Each boot of a guest is a start of ours.
    for (const char* event : {"on_poweroff", "on_reboot", "on_crash"}) add_text(domain, event, "destroy");
}

void add_volumes(pugi::xml_node devices, const model::Machine& machine, const model::Layout& layout) {
    unsigned index = 0;
    for (const auto& volume : machine.volumes) {
        auto disk = add(devices, "disk", {{"type", "file"}, {"device", "disk"}});
        // No host cache: one partition's writes don't push out another's pages, and what the guest flushed is
        // on the disk. An error goes to the guest: pausing it would take the machine's control with it. No
        // discard: it would give back the space that was reserved for the volume.
        add(disk, "driver",
            {{"name", "qemu"},
             {"type", "raw"},
             {"cache", "none"},
             {"io", "threads"},
             {"error_policy", "report"},
             {"discard", "ignore"}});
        add(disk, "source", {{"file", layout.volume(volume.id.partition, volume.id.volume).string()}});
        add(disk, "target", {{"dev", fmt::format("vd{:c}", 'a' + index)}, {"bus", "virtio"}});
        add_text(disk, "serial", volume_serial(volume.id.volume));
        if (first_volume_slot + index < end_of_slots) add_slot(disk, first_volume_slot + index);
        ++index;
    }
}

// The vendor's files, of the same bits for every partition that runs them: nobody may write to it.
void add_bundle(pugi::xml_node devices, const model::Machine& machine) {
    if (!machine.bundle) return;
    const auto index = static_cast<unsigned>(machine.volumes.size());
    auto disk = add(devices, "disk", {{"type", "file"}, {"device", "disk"}});
    add(disk, "driver", {{"name", "qemu"}, {"type", "raw"}, {"io", "threads"}, {"error_policy", "report"}});
    add(disk, "source", {{"file", machine.bundle->disk.string()}});
    add(disk, "target", {{"dev", fmt::format("vd{:c}", 'a' + index)}, {"bus", "virtio"}});
    add(disk, "readonly");
    add_text(disk, "serial", bundle_serial);
    if (first_volume_slot + index < end_of_slots) add_slot(disk, first_volume_slot + index);
}

// What a guest leaves to the host the switch must be able to guard, and not every kernel lets it
// (vnet/left_checksums.hpp). Where it can't, no checksum is left, so no frame is a super-frame either. UDP is
// never cut into fragments, which the switch refuses; `gso` is older drivers' word for all of it (VIRTIO 1.2,
// 5.1.3.2).
void add_offloads(pugi::xml_node interface, bool offered) {
    auto driver = add(interface, "driver");
    const std::string some = offered ? "on" : "off";
    add(driver, "host",
        {{"csum", some}, {"gso", "off"}, {"tso4", some}, {"tso6", some}, {"ecn", some}, {"ufo", "off"}});
    if (offered)
        add(driver, "guest", {{"csum", "on"}, {"tso4", "on"}, {"tso6", "on"}, {"ecn", "on"}, {"ufo", "off"}});
}

void add_ports(pugi::xml_node devices, const model::Machine& machine) {
    for (const auto& port : machine.ports) {
        auto interface = add(devices, "interface", {{"type", "ethernet"}});
        add(interface, "mac", {{"address", model::to_string(port.mac)}});
        // The switch made the tap and guards it; libvirt only hands it over.
        add(interface, "target", {{"dev", port.name.str()}, {"managed", "no"}});
        add(interface, "model", {{"type", "virtio"}});
        add_offloads(interface, machine.offloads);
        add(interface, "rom", {{"enabled", "no"}});
        if (first_port_slot + port.index < first_volume_slot)
            add_slot(interface, first_port_slot + port.index);
    }
}

void add_serial_ports(pugi::xml_node devices, const model::Machine& machine, const model::Layout& layout) {
    auto console = add(devices, "serial", {{"type", "pty"}});
    add(console, "log", {{"file", console_log_path(layout, machine.name).string()}, {"append", "on"}});
    add(console, "target", {{"type", "isa-serial"}, {"port", "0"}});
    std::size_t port = 0;
    for (const auto& device : machine.devices) {
        if (device.kind != model::DeviceKind::serial) continue;
        auto serial = add(devices, "serial", {{"type", "unix"}});
        // The process that owns the line serves the socket; it may come back after a restart.
        auto source = add(serial, "source",
                          {{"mode", "connect"}, {"path", layout.serial_socket(device.name).string()}});
        add(source, "reconnect", {{"enabled", "yes"}, {"timeout", "1"}});
        add(serial, "target", {{"type", "isa-serial"}, {"port", std::to_string(++port)}});
    }
    add(add(devices, "console", {{"type", "pty"}}), "target", {{"type", "serial"}, {"port", "0"}});
}

// "0x02" and the like of 0000:00:02.0.
void add_host_address(pugi::xml_node source, const std::string& address) {
    add(source, "address",
        {{"domain", "0x" + address.substr(0, 4)},
         {"bus", "0x" + address.substr(5, 2)},
         {"slot", "0x" + address.substr(8, 2)},
         {"function", "0x" + address.substr(11, 1)}});
}

// Functions that are bound to vfio-pci already: libvirt binds nothing, and gives nothing back. Their option
// ROMs are for a firmware that there is none of here, and could hold a stranger's code.
void add_functions(pugi::xml_node devices, const model::Machine& machine) {
    unsigned slot = model::first_guest_pci_slot;
    for (const auto& device : machine.devices) {
        if (device.kind != model::DeviceKind::pci) continue;
        auto host = add(devices, "hostdev", {{"mode", "subsystem"}, {"type", "pci"}, {"managed", "no"}});
        add(host, "driver", {{"name", "vfio"}});
        add_host_address(add(host, "source"), device.at);
        add(host, "rom", {{"enabled", "no"}});
        add_slot(host, slot++);
    }
}

// Its transfers come over the socket of the process that owns what is plugged in; QEMU opens no node.
void add_usb_device(pugi::xml_node devices, const std::string& socket, unsigned port) {
    auto redirected = add(devices, "redirdev", {{"bus", "usb"}, {"type", "unix"}});
    auto source = add(redirected, "source", {{"mode", "connect"}, {"path", socket}});
    add(source, "reconnect", {{"enabled", "yes"}, {"timeout", "1"}});
    add(redirected, "address", {{"type", "usb"}, {"bus", "0"}, {"port", std::to_string(port)}});
}

// A machine has a USB controller only if it has a USB device: less to emulate, and less to attack.
void add_usb_devices(pugi::xml_node devices, const model::Machine& machine, const model::Layout& layout) {
    std::vector<model::DeviceName> names;
    for (const auto& device : machine.devices)
        if (device.kind == model::DeviceKind::usb) names.push_back(device.name);
    if (names.empty()) {
        add(devices, "controller", {{"type", "usb"}, {"index", "0"}, {"model", "none"}});
        return;
    }
    const auto ports = std::to_string(model::guest_usb_port(names.size() - 1));
    add_slot(add(devices, "controller",
                 {{"type", "usb"}, {"index", "0"}, {"model", "qemu-xhci"}, {"ports", ports}}),
             slot_of_usb);
    for (std::size_t i = 0; i < names.size(); ++i)
        add_usb_device(devices, layout.usb_socket(names[i]).string(), model::guest_usb_port(i));
}

// Of each mediated CAN bus: a controller that QEMU emulates, on a bus of its own whose other end is the
// interface that its owner judges. libvirt knows no such device, so these are words for QEMU.
void add_can_buses(pugi::xml_node domain, const model::Machine& machine) {
    std::vector<std::string> interfaces;
    for (const auto& device : machine.devices)
        if (device.kind == model::DeviceKind::can)
            interfaces.push_back(model::can_port_name(device.name).str());
    if (interfaces.empty()) return;
    domain.append_attribute("xmlns:qemu").set_value("http://libvirt.org/schemas/domain/qemu/1.0");
    auto line = add(domain, "qemu:commandline");
    const auto word = [&](const std::string& text) { add(line, "qemu:arg", {{"value", text}}); };
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
        word("-object");
        word(fmt::format("can-bus,id=can{}", i));
        word("-object");
        word(fmt::format("can-host-socketcan,id=canhost{},canbus=can{},if={}", i, i, interfaces[i]));
        word("-device");
        word(fmt::format("kvaser_pci,canbus=can{},bus=pcie.0,addr={:#x}.{:#x},multifunction=on", i,
                         model::guest_can_slot, i));
    }
}

void add_devices(pugi::xml_node domain, const model::Machine& machine, const model::Layout& layout) {
    auto devices = add(domain, "devices");
    add_volumes(devices, machine, layout);
    add_bundle(devices, machine);
    add_usb_devices(devices, machine, layout);
    add_slot(add(devices, "controller", {{"type", "virtio-serial"}, {"index", "0"}, {"ports", "2"}}),
             slot_of_channel);
    add_ports(devices, machine);
    add_serial_ports(devices, machine, layout);
    add_functions(devices, machine);
    auto channel = add(devices, "channel", {{"type", "unix"}});
    add(channel, "source", {{"mode", "bind"}, {"path", layout.agent_socket(machine.name).string()}});
    add(channel, "target", {{"type", "virtio"}, {"name", "org.bulkhead.agent.0"}});
    add(channel, "address", {{"type", "virtio-serial"}, {"controller", "0"}, {"bus", "0"}, {"port", "1"}});
    add(devices, "memballoon", {{"model", "none"}});
    if (machine.tpm) {
        // We start it ourselves, so that its key is sealed to the host's and its start is measured.
        auto backend = add(add(devices, "tpm", {{"model", "tpm-crb"}}), "backend", {{"type", "external"}});
        add(backend, "source",
            {{"type", "unix"}, {"mode", "connect"}, {"path", layout.vtpm_socket(machine.name).string()}});
    }
    auto random = add(devices, "rng", {{"model", "virtio"}});
    add_text(random, "backend", "/dev/urandom", {{"model", "random"}});
    add_slot(random, slot_of_random);
}

}  // namespace

std::string domain_xml(const model::Machine& machine, const model::Layout& layout,
                       const model::Accelerator& accelerator, const HostSupport& host) {
    const bool kvm = accelerator.name == "kvm";
    pugi::xml_document document;
    auto domain = add(document, "domain", {{"type", kvm ? "kvm" : "qemu"}});
    add_identity(domain, machine, layout);
    add_limits(domain, machine, accelerator, host);
    add_platform(domain, machine, kvm, host);
    add_devices(domain, machine, layout);
    // QEMU runs as its user, and libvirt gives it no files: an image's kernel must never belong to a process
    // that a guest may have taken over, and volumes and sockets are given to it by whoever makes them.
    auto label = add(domain, "seclabel", {{"type", "static"}, {"model", "dac"}, {"relabel", "no"}});
    add_text(label, "label", std::string(qemu_user) + ":" + qemu_user);
    add_can_buses(domain, machine);
    std::ostringstream text;
    document.save(text, "  ", pugi::format_default | pugi::format_no_declaration, pugi::encoding_utf8);
    return text.str();
}

Bytes memory_overhead(const model::Accelerator& accelerator) {
    return accelerator.name == "kvm" ? 256_MiB : 512_MiB;
}

std::string volume_serial(const model::VolumeName& volume) {
    if (volume.str().size() <= 20) return volume.str();
    return fmt::format("{}-{:08x}", volume.str().substr(0, 11), stable_hash(volume.str()) & 0xffff'ffffU);
}

std::filesystem::path console_log_path(const model::Layout& layout, const model::PartitionName& partition) {
    return layout.state / "console" / (partition.str() + ".log");
}

Mark parse_mark(const std::string& metadata) {
    pugi::xml_document document;
    if (!document.load_buffer(metadata.data(), metadata.size())) return {};
    const auto element = document.document_element();
    const auto value = [&](const char* name) { return std::string(element.attribute(name).value()); };
    return {.owner = value("owner"),
            .tenant = value("tenant"),
            .fingerprint = value("fingerprint"),
            .image = value("image")};
}

model::MachineFacts facts_of(const std::string& xml) {
    pugi::xml_document document;
    if (!document.load_buffer(xml.data(), xml.size())) return {};
    const auto domain = document.child("domain");
    const auto os = domain.child("os");
    model::MachineFacts facts;
    facts.partition = model::PartitionName(domain.child_value("name"));
    facts.uid = domain.child_value("uuid");
    facts.image_digest = domain.child("metadata").first_child().attribute("image").value();
    facts.emulator = domain.child("devices").child_value("emulator");
    facts.firmware = os.child_value("loader");
    facts.kernel = os.child_value("kernel");
    facts.initrd = os.child_value("initrd");
    facts.command_line = os.child_value("cmdline");
    if (const auto own = own_words(facts.partition); facts.command_line.ends_with(own))
        facts.command_line.resize(facts.command_line.size() - own.size());
    facts.tpm = !domain.child("devices").child("tpm").empty();
    return facts;
}

namespace {

// libvirt's folders of a domain are called domain-NUMBER-NAME, with another number at each start.
std::string without_domain_ids(std::string command) {
    static constexpr std::string_view folder = "/domain-";
    for (auto at = command.find(folder); at != std::string::npos; at = command.find(folder, at)) {
        at += folder.size();
        const auto sign = command.substr(at, 1) == "-" ? 1U : 0U;
        const auto end = command.find_first_not_of("0123456789", at + sign);
        if (end == at + sign || end == std::string::npos || command[end] != '-') continue;
        command.replace(at, end - at, "ID");
    }
    return command;
}

// libvirtd opens a tap even to say what it would do with it, and which number it gets is chance.
std::string without_descriptors(std::string command) {
    static constexpr std::string_view key = "fd\":\"";  // of fd and vhostfd
    for (auto at = command.find(key); at != std::string::npos; at = command.find(key, at)) {
        at += key.size();
        const auto end = command.find_first_not_of("0123456789", at);
        if (end == at || end == std::string::npos || command[end] != '"') continue;
        command.replace(at, end - at, "FD");
    }
    return command;
}

}  // namespace

std::string normalised_command(std::string command, const std::string& uid) {
    for (auto at = command.find(uid); !uid.empty() && at != std::string::npos; at = command.find(uid, at))
        command.replace(at, uid.size(), "UUID");
    // The environment comes first, as libvirtd got it; what QEMU gets of it are folders of the domain.
    const auto begin = command.starts_with('/') ? 0 : command.find(" /") + 1;
    return without_descriptors(without_domain_ids(command.substr(begin)));
}

std::string console_path(const std::string& xml) {
    pugi::xml_document document;
    if (!document.load_buffer(xml.data(), xml.size())) return {};
    return document.select_node("/domain/devices/serial[@type='pty'][target/@port='0']/source/@path")
        .attribute()
        .value();
}

}  // namespace bulkhead::hypervisor
