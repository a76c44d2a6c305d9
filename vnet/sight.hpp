// The switch as it stands at one moment, as a value: what its maps hold, what is meant, and who is who. For
// whoever explains and proves.
#pragma once

#include <map>
#include <string>

#include "vnet/ir.hpp"

namespace bulkhead::vnet {

struct Sight {
    Ir there;                                      // as the kernel's maps hold it
    Ir wanted;                                     // as it is on record
    std::map<Slot, PlacedPort> ports;              // on record
    std::map<RuleNumber, model::Rule> rules;       // on record
    std::map<model::PortName, std::string> flaws;  // ports whose interface is not as it should be, and why
};

}  // namespace bulkhead::vnet
