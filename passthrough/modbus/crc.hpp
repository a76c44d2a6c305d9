#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bulkhead::passthrough::modbus {

// CRC-16 of Modbus RTU (MODBUS over Serial Line V1.02, 6.2.2). Of a whole frame with its own: 0.
std::uint16_t crc(std::span<const std::byte> frame);

}  // namespace bulkhead::passthrough::modbus
