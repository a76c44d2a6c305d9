// Compares what the kernel holds with what is meant. What is open and not meant is closed at once; what is
// meant and not there is told, for the one path (observe, plan, execute) to make it again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "vnet/maps.hpp"
#include "vnet/rule_table.hpp"
#include "vnet/state.hpp"

namespace bulkhead::vnet {

struct Findings {
    std::map<model::PortName, std::string> broken;  // ports with a map whose entry for them is wrong
    std::vector<std::string> texts;                 // what else was found, for people
};

// Reads the records into `state`, which is empty, and does away with what a crash left half done.
Result<Findings> load(const Maps& maps, State& state, RuleTable& rules);

// Rules that are not wholly in force are dropped from `state`: they are opened again.
Result<Findings> check(const Maps& maps, State& state, RuleTable& rules);

}  // namespace bulkhead::vnet
