// A program of ours that lives on without who started it, as the launcher starts one.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::vnet::test {

// `variable`: of the environment, says where the program is. argv[0] is its name only.
Result<> start_detached(const char* variable, const std::vector<std::string>& argv);

}  // namespace bulkhead::vnet::test
