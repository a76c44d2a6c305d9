// Partitions of the fake factory.
#pragma once

#include "model/names.hpp"

namespace bulkhead::daemon {

inline const model::PartitionName robot("robot-cell");

}  // namespace bulkhead::daemon
