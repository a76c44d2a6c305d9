// What the switch needs of this host's kernel, by name.
#pragma once

#include <string>
#include <vector>

#include "vnet/left_checksums.hpp"

namespace bulkhead::vnet {

struct Feature {
    std::string name;  // as in the kernel's configuration, if it has one there
    bool present = false;
    std::string detail;  // what was tried, or what is wrong
    std::string mend;    // empty if it is present
    bool needed = true;  // partitions run without it, only slower, if not
};

// Tries each one, but for checksums, about which the answer is known; needs root. What it makes while trying
// is gone when it returns.
std::vector<Feature> features(const LeftChecksums& left_checksums);

}  // namespace bulkhead::vnet
