#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::spec {

// Host CPUs as cpuset(7) lists them: "2,4-5". Numbers 0 to 1023, ascending ranges, none twice; sorted.
Result<std::vector<unsigned>> parse_cpu_list(std::string_view text);

}  // namespace bulkhead::spec
