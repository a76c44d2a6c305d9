// What the switch needs of this host's kernel, by name.
#pragma once

#include <string>
#include <vector>

namespace bulkhead::vnet {

struct Feature {
    std::string name;  // as in the kernel's configuration
    bool present = false;
    std::string detail;  // what was tried, or what is wrong
    std::string mend;    // empty if it is present
};

// Tries each one; needs root. What it makes while trying is gone when it returns.
std::vector<Feature> features();

}  // namespace bulkhead::vnet
