// The schema of the gateway's state database.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "storage/migration.hpp"

namespace bulkhead::apply {

std::span<const storage::Migration> migrations();

// The version that this build writes.
int schema_version();

// Opens the database in its folder, and makes both if there are none.
Result<std::unique_ptr<storage::Database>> open_database(const std::filesystem::path& path);
Result<> migrate(storage::Database& database);

}  // namespace bulkhead::apply
