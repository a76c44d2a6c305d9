#include "storage/migration.hpp"

#include <string>

namespace bulkhead::storage {
namespace {

Result<std::int64_t> stored_version(Database& database) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database.query("PRAGMA user_version"));
    return rows.empty() ? 0 : rows.front().number(0);
}

std::string written_by(Database& database) {
    const auto rows = database.query("SELECT program FROM writer");
    return rows && !rows->empty() ? rows->front().text(0) : "a newer version";
}

Result<> bring_to(Database& database, std::int64_t version, Migration sql, std::string_view program) {
    return database.transaction([&]() -> Result<> {
        BULKHEAD_TRY(database.script(sql));
        BULKHEAD_TRY(
            database.run("INSERT OR REPLACE INTO writer VALUES (1, ?)", {Value{std::string(program)}}));
        return database.script("PRAGMA user_version = " + std::to_string(version));
    });
}

}  // namespace

Result<> migrate(Database& database, std::span<const Migration> steps, std::string_view program) {
    BULKHEAD_TRY_ASSIGN(const auto version, stored_version(database));
    const auto known = static_cast<std::int64_t>(steps.size());
    if (version > known)
        return fail(
            Code::newer,
            "the database has schema " + std::to_string(version) + ", written by " + written_by(database),
            database.path().string(), "schema " + std::to_string(known) + " or older",
            "run that version of it, or a later one");
    if (version < 0)
        return fail(Code::corrupt, "the database has schema " + std::to_string(version),
                    database.path().string());
    for (auto next = version; next < known; ++next)
        BULKHEAD_TRY(bring_to(database, next + 1, steps[static_cast<std::size_t>(next)], program));
    return {};
}

}  // namespace bulkhead::storage
