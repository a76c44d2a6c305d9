#include "model/resources.hpp"

#include <array>
#include <cstdio>

#include "base/text.hpp"

namespace bulkhead::model {
namespace {

Mac mac_of(const std::string& text) {
    const std::uint64_t hash = stable_hash(text);
    Mac mac;
    for (std::size_t i = 0; i < 6; ++i) mac.bytes[i] = static_cast<std::uint8_t>(hash >> (8 * i));
    mac.bytes[0] = static_cast<std::uint8_t>((mac.bytes[0] & 0xFCU) | 0x02U);
    return mac;
}

PortName hashed_name(const char* kind, const std::string& text) {
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "%s%08x", kind,
                  static_cast<unsigned>(stable_hash(text) & 0xFFFFFFFFU));
    return PortName(name.data());
}

}  // namespace

std::uint32_t conduit_id(const ConduitName& name) {
    const std::uint64_t hash = stable_hash(name.str());
    return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

PortName port_name(const PartitionName& partition, unsigned index) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "bh%08x-%u",
                  static_cast<unsigned>(stable_hash(partition.str()) & 0xFFFFFFFFU), index);
    return PortName(text.data());
}

Mac port_mac(const GatewayName& gateway, const PartitionName& partition, unsigned index) {
    return mac_of(gateway.str() + "/" + partition.str() + "/" + std::to_string(index));
}

Ipv4 gateway_of(const Ipv4Prefix& subnet) {
    return Ipv4{subnet.network.bits + 1};
}

Ipv6 gateway_of(const Ipv6Prefix& subnet) {
    Ipv6 address = subnet.network;
    address.bytes.back() |= 1U;
    return address;
}

PortName router_port_name(const ZoneName& zone) {
    return hashed_name("bhr", zone.str());
}

PortName router_leg_name(const ZoneName& zone) {
    return hashed_name("bhl", zone.str());
}

Mac router_mac(const GatewayName& gateway, const ZoneName& zone) {
    return mac_of(gateway.str() + "//" + zone.str());  // no partition has an empty name
}

PortName guard_port_name(const TenantName& tenant) {
    return hashed_name("bhg", tenant.str());
}

PortName guard_leg_name(const TenantName& tenant) {
    return hashed_name("bhk", tenant.str());
}

Mac guard_mac(const GatewayName& gateway, const TenantName& tenant) {
    return mac_of(gateway.str() + "////" + tenant.str());  // nobody else's
}

PortName end_port_name(const EndName& name) {
    return hashed_name("bhe", name.str());
}

PortName can_port_name(const DeviceName& device) {
    return hashed_name("bhc", device.str());
}

PortName uplink_leg_name(const UplinkName& uplink) {
    return hashed_name("bhu", uplink.str());
}

Mac uplink_mac(const GatewayName& gateway, const UplinkName& uplink) {
    return mac_of(gateway.str() + "///" + uplink.str());  // neither a partition's nor a zone's
}

}  // namespace bulkhead::model
