// What a guard let pass and what not, wherever it stands.
#pragma once

#include <cstdint>
#include <string>

namespace bulkhead::model {

struct GuardCounts {
    std::uint64_t passed = 0;
    std::uint64_t refused = 0;  // by a rule or a rate
    std::uint64_t broken = 0;   // what nobody could have understood
    std::string last;           // the latest that did not pass, in words
    bool operator==(const GuardCounts&) const = default;
};

}  // namespace bulkhead::model
