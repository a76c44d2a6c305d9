// What the drivers make: machines, ports, rules, assignments, volumes, images. The planner renders the spec
// into these, drivers report them back, and a plan is their difference.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/spec.hpp"

namespace bulkhead::model {

// A boot image whose parts matched its manifest.
struct Image {
    ImageName name;
    std::string digest;  // SHA-256 of the manifest, hexadecimal
    std::filesystem::path kernel;
    std::filesystem::path initrd;
    std::string kernel_digest;
    std::string initrd_digest;
    std::string command_line;
    bool operator==(const Image&) const = default;
};

// A vendor's bundle that was verified for one partition, and the read-only disk made of its files.
struct Bundle {
    BundleReference reference;
    std::string version;
    Bytes memory;                  // that its partition has at least
    std::set<std::string> config;  // settings that it knows
    std::filesystem::path disk;
    std::string disk_digest;  // SHA-256, hexadecimal
    bool operator==(const Bundle&) const = default;
};

struct VolumeId {
    PartitionName partition;
    VolumeName volume;
    auto operator<=>(const VolumeId&) const = default;
    std::string str() const { return partition.str() + "/" + volume.str(); }
};

struct VolumeDisk {
    VolumeId id;
    Bytes size;
    bool operator==(const VolumeDisk&) const = default;
};

enum class PortKind : std::uint8_t {
    tap,      // an interface of a partition
    wire,     // a network card of the gateway that the switch owns; hosts are behind it
    host,     // a machine behind a wire, untagged or under one 802.1Q tag
    router,   // our end of the pair into a tenant's router; one for each zone that it serves
    outside,  // networks beyond the routers, known by their prefixes
    mirror,   // gets copies and sends nothing
    guard,    // our end of the pair into the guard of a tenant's conduits
};

// A port of the virtual switch: whoever can be an end of a rule, and the wires and mirrors beside.
struct Port {
    PortName name;  // of its network interface; made up for `host` and `outside`, which have none
    PartitionName partition;
    unsigned index = 0;  // of the interface in its partition
    ZoneName zone;
    Mac mac;
    Ipv4 address;  // zero if it has none
    PortKind kind = PortKind::tap;
    TenantName tenant;
    std::optional<Ipv6> address6;
    PortName wire;                     // of a host
    unsigned vlan = 0;                 // of a host: its tag, 0 for none
    std::vector<Ipv4Prefix> prefixes;  // of the zone for a router, beyond it for an outside; sorted
    std::vector<Ipv6Prefix> prefixes6;
    bool dhcp = false;         // it asks the router of its zone for its addresses
    std::uint64_t rate = 0;    // what it may send, bits per second; 0: not limited
    unsigned connections = 0;  // that its tenant may have open at a time; 0: the switch's default
    bool operator==(const Port&) const = default;
};

// One allowed flow between two ports: `from` talks to `service` of `to`, and answers pass back.
struct Rule {
    PortName from;
    PortName to;
    Service service;
    std::uint32_t conduit = 0;  // conduit_id() of its conduit; counters are kept under it
    std::uint64_t rate = 0;     // of its whole conduit, both ways, bits per second; 0: not limited
    PortName mirror;            // that gets a copy of its frames; empty: none
    PortName via;               // the guard through which its flows go; empty: straight to `to`
    auto operator<=>(const Rule&) const = default;
};

std::uint32_t conduit_id(const ConduitName& name);
PortName port_name(const PartitionName& partition, unsigned index);
// Locally administered unicast address (IEEE 802 clause 8.4), the same on every run.
Mac port_mac(const GatewayName& gateway, const PartitionName& partition, unsigned index);

// The router's address in a zone: the first host of its subnet, and ::1 of its /64.
Ipv4 gateway_of(const Ipv4Prefix& subnet);
Ipv6 gateway_of(const Ipv6Prefix& subnet);
PortName router_port_name(const ZoneName& zone);
PortName router_leg_name(const ZoneName& zone);  // the other end of its pair, until the router has it
// Of the guard of a tenant's conduits, and the other end of its pair.
PortName guard_port_name(const TenantName& tenant);
PortName guard_leg_name(const TenantName& tenant);
Mac guard_mac(const GatewayName& gateway, const TenantName& tenant);
Mac router_mac(const GatewayName& gateway, const ZoneName& zone);
// Of a host or an outside, which have no interface of their own.
PortName end_port_name(const EndName& name);
// Of a device that is a port on a mediated CAN bus: its guest's end of it.
PortName can_port_name(const DeviceName& device);
PortName uplink_leg_name(const UplinkName& uplink);  // in its router
Mac uplink_mac(const GatewayName& gateway, const UplinkName& uplink);

// One owner of one device. The token grows with every assignment of the gateway: whoever holds an older one
// has lost the device, whatever it believes.
struct Assignment {
    DeviceName device;
    PartitionName partition;
    std::uint64_t token = 0;
    std::string at;
    SerialLine line;  // of a serial one
    DeviceKind kind = DeviceKind::serial;
    LineRules rules;     // of a serial one, or a CAN bus
    UsbIdentity expect;  // of a USB port
    DeviceTerms terms;
    bool operator==(const Assignment&) const = default;
};

// A device as a machine has it: the n-th of its kind there is the guest's n-th.
struct MachineDevice {
    DeviceName name;
    DeviceKind kind = DeviceKind::serial;
    std::string at;  // of a PCI function; a line's or port's is its owner's business
    bool operator==(const MachineDevice&) const = default;
};

// A virtual machine, ready to be written as domain XML. Paths follow from the names by Layout.
struct Machine {
    PartitionName name;
    std::string uid;  // UUID (RFC 4122), the same for the partition's life
    TenantName tenant;
    unsigned cpus = 1;
    std::vector<unsigned> pin;
    Bytes memory;
    unsigned io_weight = 500;
    Image image;
    std::optional<Bundle> bundle;
    std::vector<VolumeDisk> volumes;
    std::vector<MachineDevice> devices;
    std::vector<Port> ports;
    bool tpm = false;       // it has one, because the host has one
    bool offloads = false;  // its guest may leave checksums and segments to the host
    // SHA-256 over all that a running machine can't take on without a restart: the above, and the guest's
    // configuration.
    std::string fingerprint;
    bool operator==(const Machine&) const = default;
};

}  // namespace bulkhead::model
