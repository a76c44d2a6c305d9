#include "passthrough/modbus/crc.hpp"

namespace bulkhead::passthrough::modbus {

std::uint16_t crc(std::span<const std::byte> frame) {
    std::uint16_t sum = 0xffff;
    for (const std::byte each : frame) {
        sum ^= std::to_integer<std::uint16_t>(each);
        for (int bit = 0; bit < 8; ++bit) {
            const bool carry = (sum & 1U) != 0;
            sum = static_cast<std::uint16_t>(sum >> 1U);
            if (carry) sum ^= 0xa001;
        }
    }
    return sum;
}

}  // namespace bulkhead::passthrough::modbus
