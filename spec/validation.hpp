// One run over a decoded gateway. Each noun has its file; `out` holds, at every index, what the same index of
// `in` became.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "bulkhead/v1alpha1/gateway.pb.h"
#include "model/spec.hpp"
#include "spec/declared.hpp"
#include "spec/findings.hpp"

namespace bulkhead::spec {

// How much one document may hold. Enough for the largest gateway; little enough that no plan runs away.
namespace most {
inline constexpr std::size_t tenants = 64;
inline constexpr std::size_t keys = 8;  // of a tenant
inline constexpr std::size_t devices = 64;
inline constexpr std::size_t zones = 64;
inline constexpr std::size_t partitions = 64;
inline constexpr std::size_t conduits = 4096;
inline constexpr std::size_t volumes = 8;         // of a partition
inline constexpr std::size_t serial_devices = 3;  // of a partition: a PC has four UARTs, one is the console
inline constexpr std::size_t pci_devices = 8;     // of a partition
inline constexpr std::size_t usb_devices = 8;     // of a partition
inline constexpr std::size_t can_devices = 8;     // of a partition: functions of one slot
inline constexpr std::size_t at_a_line = 8;       // that take turns there
inline constexpr std::size_t guard_rules = 64;    // of a line
inline constexpr std::size_t interfaces = 8;      // of a partition
inline constexpr std::size_t allow = 64;          // of a conduit
inline constexpr std::size_t guarded_conduits = 256;  // of one tenant's ends: what one guard has room for
inline constexpr std::size_t config = 64;             // settings of an application
inline constexpr std::size_t secrets = 16;            // of an application
inline constexpr std::size_t labels = 64;
inline constexpr std::size_t protocols = 3;  // of a zone
inline constexpr std::size_t hosts = 256;    // behind one wire
inline constexpr std::size_t outsides = 64;
inline constexpr std::size_t prefixes = 256;  // of an outside
inline constexpr std::size_t uplinks = 16;
inline constexpr std::size_t targets = 8;    // of a probe
inline constexpr std::size_t names = 256;    // of a router
inline constexpr std::size_t resolvers = 3;  // of a router: what a resolver asks (resolv.conf(5))
inline constexpr std::size_t forwards = 64;  // of a router
}  // namespace most

struct Validation {
    const v1alpha1::Gateway& in;
    Findings& findings;
    model::Spec out;

    Declared tenants{"tenant"};
    Declared devices{"device"};
    Declared zones{"zone"};
    Declared partitions{"partition"};
    Declared conduits{"conduit"};
    Declared uplinks{"uplink"};
    Declared ends{"partition, host or outside"};
    Unique addresses;                   // of interfaces, hosts and routers
    Unique cards;                       // network cards of wires, with their VLANs
    std::set<std::string> wired_cards;  // that the switch itself stands on
    Unique prefixes;                    // of outsides
};

// The message as values that can't be wrong; only to be used if there are no findings afterwards. Pure but
// for a look at the host's time zone database.
model::Spec validate(const v1alpha1::Gateway& gateway, Findings& findings);

// Its parts, in this order.
void validate_metadata(Validation& run);
void validate_tenants(Validation& run);
void validate_devices(Validation& run);
void validate_zones(Validation& run);
void validate_partitions(Validation& run);
void validate_volumes(Validation& run, std::size_t partition);
void validate_interfaces(Validation& run);
void validate_wire(Validation& run, std::size_t zone);
void validate_outsides(Validation& run);
void validate_uplinks(Validation& run);
void validate_routers(Validation& run);
void validate_device_uses(Validation& run);
void validate_conduits(Validation& run);
// What a device is, where something is refused because of that.
std::string_view what(model::DeviceKind kind);
// Addresses of a zone, for interfaces and hosts. Nothing if there is none, which is told if one is needed.
std::optional<model::Ipv4> check_address(Validation& run, const std::string& path, const std::string& value,
                                         const model::Zone* zone);
// One that is absent is made from the MAC address, if the zone speaks IPv6.
std::optional<model::Ipv6> check_address6(Validation& run, const std::string& path, const std::string& value,
                                          const model::Zone* zone, const model::Mac& mac);
void check_unique_address(Validation& run, const std::string& path, const std::string& address);

// After partitions: what each tenant uses against what it may.
void validate_quotas(Validation& run);
// Names of the kernel's and the switch's things come from hashes of ours: two that meet are refused here,
// where a person can rename one.
void validate_hashed_names(Validation& run);

}  // namespace bulkhead::spec
