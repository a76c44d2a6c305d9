// What may be said on a line, by the protocol that is spoken there.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"
#include "model/can.hpp"
#include "model/modbus.hpp"

namespace bulkhead::model {

// Of a bus behind an adapter that speaks SLCAN; its bit rate is the only one that may be set.
struct SlcanGuard {
    CanGuard bus;
    unsigned bitrate = 0;  // bits per second
    bool operator==(const SlcanGuard&) const = default;
};

// Of a mediated bus: always there, for the bus has a rate in any case.
struct CanBus {
    CanGuard guard;
    unsigned bitrate = 0;  // bits per second
    bool operator==(const CanBus&) const = default;
};

// None: whatever is said passes.
using LineRules = std::variant<std::monostate, ModbusGuard, SlcanGuard, CanBus>;

// "", "modbus; unit 1 read coils 0-15", "slcan 500000; receive 0x181", "can 500000; send 0x201"; and back.
std::string to_string(const LineRules& rules);
Result<LineRules> parse_line_rules(std::string_view text);

}  // namespace bulkhead::model
