// What routers need of the kernel and the system, by name.
#pragma once

#include <vector>

#include "model/observed.hpp"

namespace bulkhead::vnet::router {

// What is not there, found by trying it in a network namespace that is gone afterwards. Forks: call while the
// process has one thread and all rights.
std::vector<model::Lack> lacks();

}  // namespace bulkhead::vnet::router
