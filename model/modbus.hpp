// What a partition may say over Modbus (MODBUS Application Protocol Specification V1.1b3), as data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::model {

// The four tables of a Modbus server (4.3 there).
enum class ModbusTable : std::uint8_t { coils, discrete_inputs, holding_registers, input_registers };

// Addresses of one table, as they stand in the protocol: from 0, both ends included.
struct ModbusRange {
    ModbusTable table = ModbusTable::holding_registers;
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    bool operator==(const ModbusRange&) const = default;
};

// Lets requests pass to some units: those that touch nothing but `range`, and only as `read` and `write` say;
// or, without a range, those with one of the `functions`, whatever they touch.
struct ModbusRule {
    std::uint8_t first_unit = 1;
    std::uint8_t last_unit = 1;
    std::optional<ModbusRange> range;
    bool read = false;
    bool write = false;
    std::vector<std::uint8_t> functions;
    bool operator==(const ModbusRule&) const = default;
};

// Whatever no rule allows is refused.
struct ModbusGuard {
    std::vector<ModbusRule> allow;
    unsigned rate = 0;  // requests per second; 0: not limited
    bool operator==(const ModbusGuard&) const = default;
};

std::string_view to_string(ModbusTable table);  // coils, discrete-inputs, holding-registers, input-registers
// "unit 1-3 read holding-registers 0-99", "unit 1 functions 8 43".
std::string to_string(const ModbusRule& rule);
Result<ModbusRule> parse_modbus_rule(std::string_view text);
// Requests per second: "50/s".
Result<unsigned> parse_request_rate(std::string_view text);
// Rules joined by "; ", and "rate 50/s" if there is one; and back.
std::string to_string(const ModbusGuard& guard);
Result<ModbusGuard> parse_modbus_guard(std::string_view text);

}  // namespace bulkhead::model
