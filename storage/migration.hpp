// A database's schema as a list of steps, each applied once and in order.
#pragma once

#include <span>
#include <string_view>

#include "storage/database.hpp"

namespace bulkhead::storage {

// Brings the database from version N-1 to N, where N is its place in the list, from 1. Append only.
using Migration = const char*;

// Forward only, each migration in a transaction of its own. `program` ("bulkheadd 0.1.0") is remembered as
// the last writer; the first migration makes its table `writer`. A database of a newer version is Code::newer
// and is not touched.
Result<> migrate(Database& database, std::span<const Migration> steps, std::string_view program);

}  // namespace bulkhead::storage
