// An Ir as lines for golden tests: one entry a line, in the order of the maps.
#pragma once

#include <string>

#include "vnet/ir.hpp"

namespace bulkhead::vnet::test {

std::string text_of(const Ir& ir);

}  // namespace bulkhead::vnet::test
