#include "model/resources.hpp"

#include <array>
#include <cstdio>

#include "base/text.hpp"

namespace bulkhead::model {

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
    const std::uint64_t hash =
        stable_hash(gateway.str() + "/" + partition.str() + "/" + std::to_string(index));
    Mac mac;
    for (std::size_t i = 0; i < 6; ++i) mac.bytes[i] = static_cast<std::uint8_t>(hash >> (8 * i));
    mac.bytes[0] = static_cast<std::uint8_t>((mac.bytes[0] & 0xFCU) | 0x02U);
    return mac;
}

}  // namespace bulkhead::model
