// What a request asks of a server: MODBUS Application Protocol Specification V1.1b3, 6.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "model/modbus.hpp"

namespace bulkhead::modbus {

inline constexpr std::size_t longest_pdu = 253;  // bytes, 4.1 there

// Codes of 7 there.
enum class Exception : std::uint8_t {
    illegal_function = 1,
    illegal_data_address = 2,
    illegal_data_value = 3,
    server_device_busy = 6,
    gateway_path_unavailable = 10,
};

// In the function of an answer: it is an exception (7 there).
inline constexpr std::byte exception_bit{0x80};

// One run of a table. `count` is at least 1, and the run ends within the table.
struct Access {
    model::ModbusTable table = model::ModbusTable::holding_registers;
    bool write = false;
    std::uint16_t first = 0;
    std::uint16_t count = 0;
    bool operator==(const Access&) const = default;
};

struct Request {
    std::uint8_t function = 0;
    std::array<std::optional<Access>, 2> accesses;  // none: it touches no table, or nobody here knows what
};

// `pdu`: from the function code on. Refuses lengths and counts that contradict the function or each other, as
// a server would.
std::expected<Request, Exception> parse_request(std::span<const std::byte> pdu);

// Bytes of a request's PDU by what there is of it; nothing: more of it is needed to know. 0: the function is
// none whose length follows from its bytes.
std::optional<std::size_t> request_length(std::span<const std::byte> pdu);

}  // namespace bulkhead::modbus
