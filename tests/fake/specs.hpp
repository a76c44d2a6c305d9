#pragma once

#include <map>
#include <random>
#include <string>

#include "model/spec.hpp"

namespace bulkhead::fake {

// Three partitions as in examples/factory.yaml: robot-cell, press, it-admin, and two conduits.
model::Spec factory();

// Valid, small, and likely to clash with another one made so: few names, addresses and devices.
model::Spec random_spec(std::mt19937& random);

// The same uid for the same name, for tests that don't store them.
std::map<model::PartitionName, std::string> uids_of(const model::Spec& spec);

}  // namespace bulkhead::fake
