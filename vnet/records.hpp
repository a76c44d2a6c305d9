// Ports and rules as the kernel keeps them for us, so that a daemon that starts again needs nothing else.
#pragma once

#include <optional>

#include "base/error.hpp"
#include "vnet/ir.hpp"

namespace bulkhead::vnet {

// A port with the numbers that its zone and its tenant have. Prefixes of an outside stand in the map
// `outside` alone: there may be more of them than fit.
struct PortRecord {
    model::Port port;
    std::uint16_t zone = 0;
    std::uint16_t tenant = 0;
    bool operator==(const PortRecord&) const = default;
};

// Code::refused if it does not fit, by name.
Result<switch_port_record> encode(const PortRecord& record);
Result<PortRecord> decode(const switch_port_record& record);

// Nothing if one of its ports is not placed.
std::optional<switch_rule_record> encode(const model::Rule& rule, const Network& network);
using PortNames = std::map<Slot, model::PortName>;
PortNames names_of(const Network& network);
// Nothing if a slot has no port.
std::optional<model::Rule> decode(const switch_rule_record& record, const PortNames& names);

}  // namespace bulkhead::vnet
