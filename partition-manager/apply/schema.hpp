#pragma once

#include <span>
#include <string>

#include "partition-manager/apply/database.hpp"

namespace bulkhead::apply {

// Brings the database from version N-1 to N, where N is its place in the list, from 1. Append only.
using Migration = const char*;
std::span<const Migration> migrations();

// The version that this build writes.
int schema_version();

// Forward only, each migration in a transaction of its own. A database of a newer version is Code::newer and
// is not touched.
Result<> migrate(Database& database, std::span<const Migration> steps = migrations());

}  // namespace bulkhead::apply
