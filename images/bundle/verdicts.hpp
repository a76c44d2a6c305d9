#pragma once

#include <map>

#include "base/error.hpp"
#include "model/resources.hpp"

namespace bulkhead::images {

// What became of the bundles that the partitions of one spec name.
struct BundleVerdicts {
    std::map<model::PartitionName, model::Bundle> verified;
    std::map<model::PartitionName, Error> refused;
};

}  // namespace bulkhead::images
