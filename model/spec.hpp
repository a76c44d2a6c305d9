// The validated spec of one gateway. Values of these types can't be wrong: spec/ makes them from YAML and
// checks every reference, unit and quota once.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "model/address.hpp"
#include "model/line_rules.hpp"
#include "model/modbus.hpp"
#include "model/names.hpp"
#include "model/serial_line.hpp"
#include "model/usb_port.hpp"

namespace bulkhead::model {

struct Quota {
    unsigned cpus = 0;
    Bytes memory;
    Bytes disk;
    unsigned partitions = 0;
    unsigned connections = 0;  // open at a time through the switch; 0: its default
    bool operator==(const Quota&) const = default;
};

struct Tenant {
    TenantName name;
    Quota quota;
    std::vector<std::string> keys;  // raw Ed25519 public keys (32 bytes) that sign its bundles
    bool operator==(const Tenant&) const = default;
};

enum class DeviceKind {
    serial,  // a line, of which a process of ours owns the tty
    pci,     // a function, by VFIO
    usb,     // whatever is plugged in at a port, of which a process of ours carries the transfers
    can,     // a bus, of which a process of ours judges the frames
};

struct Device {
    DeviceName name;
    DeviceKind kind = DeviceKind::serial;
    // Its place on the bus: a path of a serial line, 0000:00:02.0 of a PCI function, 1-2.3 of a USB port; of
    // a CAN bus that of its controller.
    std::string at;
    UsbIdentity expect;   // of a USB port: nobody else is taken there
    bool shared = false;  // of a line or a CAN bus: others may have the same place
    bool operator==(const Device&) const = default;
};

// Where a zone stands in the Purdue model (IEC 62443-3-2, ISA-95): 0-2, 3, 3.5, 4-5.
enum class Level { none, control, operations, dmz, enterprise };

// A machine that is no partition: it is reached over a wire.
struct WireHost {
    EndName name;
    Mac mac;
    Ipv4 address;
    std::optional<Ipv6> address6;
    bool operator==(const WireHost&) const = default;
};

// A network card of the gateway that the switch owns, and who stands behind it in this zone. Zones may share
// a card if each has a tag of its own.
struct Wire {
    std::string interface;
    unsigned vlan = 0;  // IEEE 802.1Q, 1 to 4094; 0: untagged
    std::vector<WireHost> hosts;
    bool operator==(const Wire&) const = default;
};

struct Zone {
    ZoneName name;
    TenantName tenant;
    Ipv4Prefix subnet;
    std::optional<Ipv6Prefix> subnet6;  // a /64
    Level level = Level::none;
    std::vector<std::uint16_t> ethertypes;  // industrial protocols that conduits of this zone may carry
    std::optional<Wire> wire;
    bool operator==(const Zone&) const = default;
};

struct Volume {
    VolumeName name;
    Bytes size;
    std::string mount;
    bool operator==(const Volume&) const = default;
};

// A bundle by the digest of its manifest: what was signed, and nothing else.
struct BundleReference {
    BundleName name;
    std::string digest;  // SHA-256, hexadecimal
    auto operator<=>(const BundleReference&) const = default;
    std::string str() const { return name.str() + "@sha256:" + digest; }
};
// NAME@sha256:DIGEST
Result<BundleReference> parse_bundle_reference(std::string_view text);

struct Application {
    std::string path;  // of the image; empty: it comes from the bundle
    std::map<std::string, std::string> config;
    std::map<std::string, std::string> secrets;  // base64 of boxes that only the gateway opens
    std::optional<BundleReference> bundle;
    std::string title() const { return bundle ? bundle->str() : path; }
    bool operator==(const Application&) const = default;
};

enum class DeviceProtocol {
    serial,  // the application opens the line, or whatever the device is, itself
    slcan,   // the agent attaches the line as a CAN interface
    can,     // the agent brings the controller's CAN interfaces up
    modbus,  // as serial; a guard may look at the requests
};

// What becomes of a device that requires trust when its partition is found untrusted.
enum class OnLoss {
    keep,
    receive_only,  // it hears, and may change nothing
    detach,        // as if it were not there
};

// On what terms a partition has a device.
struct DeviceTerms {
    bool trusted = false;  // the partition must be, before it gets the device
    OnLoss on_loss = OnLoss::keep;
    auto operator<=>(const DeviceTerms&) const = default;
};

struct DeviceUse {
    DeviceName device;
    SerialLine line;  // of a serial one
    DeviceProtocol protocol = DeviceProtocol::serial;
    unsigned bitrate = 0;  // of the CAN bus, bits per second; 0 unless slcan or can
    LineRules rules;       // of a serial one, or a CAN bus
    DeviceTerms terms;
    bool operator==(const DeviceUse&) const = default;
};

struct Interface {
    ZoneName zone;
    Ipv4 address;
    std::optional<Ipv6>
        address6;            // set whenever the zone has a subnet6: the one written, or the EUI-64 of its MAC
    std::uint64_t rate = 0;  // what it may send, bits per second; 0: not limited
    bool mirror = false;     // gets copies, sends nothing, and has neither zone nor address
    bool dhcp = false;       // the guest asks for its addresses; the router gives these and no others
    bool operator==(const Interface&) const = default;
};

struct Lock {
    std::string by;
    std::string reason;
    bool operator==(const Lock&) const = default;
};

struct Partition {
    PartitionName name;
    TenantName tenant;
    ImageName image;
    unsigned cpus = 1;
    std::vector<unsigned> pin;  // host CPUs; empty: unpinned
    Bytes memory;
    unsigned io_weight = 500;
    std::vector<Volume> volumes;
    std::optional<Application> application;
    std::vector<DeviceUse> devices;
    std::vector<Interface> interfaces;
    std::optional<Lock> lock;
    bool operator==(const Partition&) const = default;
};

// IANA protocol numbers; `layer2` is one that RFC 3692 reserves for experiments, and never on a wire here.
// icmp stands for ICMPv6 too.
enum class Transport : std::uint8_t { icmp = 1, tcp = 6, udp = 17, layer2 = 253 };

struct Service {
    Transport transport = Transport::tcp;
    std::uint16_t port = 0;  // of the partition in `to`; 0 for icmp; the ethertype of a layer2
    auto operator<=>(const Service&) const = default;
};

struct Conduit {
    ConduitName name;
    EndName from;
    EndName to;
    std::vector<Service> allow;
    std::string because;
    std::uint64_t rate = 0;  // both ways together, bits per second; 0: not limited
    std::optional<PartitionName>
        mirror;  // gets a copy of every frame on an interface of its own that can't send
    std::optional<ModbusGuard> guard;  // what may be asked over it; none: anything
    bool operator==(const Conduit&) const = default;
};

// Networks beyond the tenants' routers, as an end of conduits.
struct Outside {
    EndName name;
    std::vector<Ipv4Prefix> prefixes;
    std::vector<Ipv6Prefix> prefixes6;
    Level level = Level::none;
    bool operator==(const Outside&) const = default;
};

enum class UplinkUse : std::uint8_t { tenants, management };

// An address on an uplink, and the next router there.
struct UplinkAddress {
    Ipv4 address;
    Ipv4Prefix network;
    Ipv4 gateway;
    bool operator==(const UplinkAddress&) const = default;
};

// Likewise; the next router's may be link-local.
struct UplinkAddress6 {
    Ipv6 address;
    Ipv6Prefix network;
    Ipv6 gateway;
    bool operator==(const UplinkAddress6&) const = default;
};

// A service that must answer for an uplink to count as healthy. Never one that nobody named.
struct ProbeTarget {
    Service service;  // icmp or tcp
    Ipv4 address;
    bool operator==(const ProbeTarget&) const = default;
};

struct Probe {
    std::vector<ProbeTarget> targets;         // one of them must answer; none: the uplink is always healthy
    std::chrono::milliseconds period{5'000};  // between two tries
    unsigned failures = 3;  // in a row, until the uplink counts as down; as many successes bring it back
    bool operator==(const Probe&) const = default;
};

// A way out of the gateway over one of its network cards.
struct Uplink {
    UplinkName name;
    std::string interface;
    unsigned vlan = 0;  // IEEE 802.1Q, 1 to 4094; 0: untagged, and the card is the router's alone
    UplinkUse use = UplinkUse::tenants;
    unsigned priority = 100;  // the smallest that is healthy is used
    UplinkAddress address;    // of the management's: none, the host has its own
    std::optional<UplinkAddress6> address6;
    Probe probe;
    bool operator==(const Uplink&) const = default;
};

// A service of an end that the outside may reach on an address of the router.
struct PortForward {
    UplinkName uplink;
    Service service;  // as the outside sees it
    EndName to;
    std::uint16_t port = 0;
    bool operator==(const PortForward&) const = default;
};

// Routes one tenant's zones to uplinks: addresses, names, and what conduits to an outside allow.
struct Router {
    TenantName tenant;
    std::vector<ZoneName> zones;
    std::vector<UplinkName> uplinks;
    std::vector<std::string> names;  // that its DNS answers; a name stands for all below it
    std::vector<Ipv4> resolvers;     // that it asks
    std::vector<PortForward> forwards;
    bool operator==(const Router&) const = default;
};

struct Spec {
    GatewayName gateway;
    std::string site;
    std::map<std::string, std::string> labels;
    std::string time_zone = "UTC";
    std::vector<Tenant> tenants;
    std::vector<Device> devices;
    std::vector<Zone> zones;
    std::vector<Partition> partitions;
    std::vector<Conduit> conduits;
    std::vector<Outside> outsides;
    std::vector<Uplink> uplinks;
    std::vector<Router> routers;
    bool operator==(const Spec&) const = default;

    // Null if there is none of that name. Pointers live as long as the spec is unchanged.
    const Partition* find(const PartitionName& name) const;
    const Device* find(const DeviceName& name) const;
    // serial if there is no such device, which spec/ refuses.
    DeviceKind kind_of(const DeviceName& name) const;
    const Zone* find(const ZoneName& name) const;
    const Tenant* find(const TenantName& name) const;
    const Uplink* find(const UplinkName& name) const;
    const Outside* find_outside(const EndName& name) const;
    // The router that serves the zone.
    const Router* router_of(const ZoneName& name) const;
    // The zones that an end of a conduit has an interface in.
    std::vector<const Zone*> zones_of(const EndName& name) const;
    // A host and the zone that it is in; null if there is none.
    std::pair<const WireHost*, const Zone*> find_host(const EndName& name) const;
};

std::string_view to_string(Level level);  // control, operations, dmz, enterprise; none
Result<Level> parse_level(std::string_view text);

std::string to_string(const Service& service);  // tcp/8883, icmp
Result<Service> parse_service(std::string_view text);

std::string_view to_string(OnLoss on_loss);  // keep, receive-only, detach
Result<OnLoss> parse_on_loss(std::string_view text);
// "", "trusted, or else keep", "trusted, or else receive-only"; and back.
std::string to_string(const DeviceTerms& terms);
Result<DeviceTerms> parse_device_terms(std::string_view text);

std::string_view to_string(DeviceKind kind);  // serial, pci, usb, can
Result<DeviceKind> parse_device_kind(std::string_view text);

// The guest's path of its n-th serial device, from 0: /dev/ttyS1, ... (ttyS0 is the console).
std::string guest_serial_path(std::size_t index);
// The guest's address of its n-th PCI function, from 0: 0000:00:15.0, ...
inline constexpr unsigned first_guest_pci_slot = 0x15;
std::string guest_pci_address(std::size_t index);
// The guest's port of its n-th USB device, from 0: 1, ...
unsigned guest_usb_port(std::size_t index);
// The guest's address of its n-th mediated CAN controller, from 0: functions of one slot.
inline constexpr unsigned guest_can_slot = 0x1e;
std::string guest_can_address(std::size_t index);
// What the guest calls the partition's index-th device: /dev/ttyS1, slcan0, 0000:00:15.0, usb 1-1.
std::string guest_name(const Spec& spec, const Partition& partition, std::size_t index);

}  // namespace bulkhead::model
