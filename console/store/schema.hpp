// The console's tables.
#pragma once

#include <span>

#include "storage/migration.hpp"

namespace bulkhead::console {

std::span<const storage::Migration> migrations();

}  // namespace bulkhead::console
