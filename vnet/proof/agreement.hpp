// Whether the tables of an Ir agree with each other: each entry has what explains it, and the second check is
// as narrow as the rules. One table alone can be wrong in a way that nobody meets; two that contradict each
// other are found here, whatever was meant.
#pragma once

#include <string>
#include <vector>

#include "vnet/ir.hpp"

namespace bulkhead::vnet::proof {

struct Finding {
    std::string table;
    std::string what;
    bool operator==(const Finding&) const = default;
};

std::vector<Finding> disagreements(const Ir& ir);

// Every entry that one has and the other has not, or otherwise. Bookkeeping of epochs is no difference as
// long as what holds is the same.
std::vector<Finding> differences(const Ir& wanted, const Ir& there);

}  // namespace bulkhead::vnet::proof
