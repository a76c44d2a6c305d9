// The schema of the gateway's state database.
#pragma once

#include <span>

#include "storage/migration.hpp"

namespace bulkhead::apply {

std::span<const storage::Migration> migrations();

// The version that this build writes.
int schema_version();

Result<> migrate(storage::Database& database);

}  // namespace bulkhead::apply
