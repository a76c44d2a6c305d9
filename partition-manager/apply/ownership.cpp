#include "partition-manager/apply/ownership.hpp"

namespace bulkhead::apply {

using storage::Value;

Result<bool> Ownership::enrolled() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_.query("SELECT enrolled FROM uplink"));
    return !rows.empty() && rows.front().number(0) == 1;
}

Result<std::optional<SignedSpec>> Ownership::signed_spec() {
    BULKHEAD_TRY_ASSIGN(const auto rows,
                        database_.query("SELECT generation, envelope, signer, taken_at FROM signed_spec"));
    if (rows.empty()) return std::optional<SignedSpec>();
    const auto& row = rows.front();
    return SignedSpec{static_cast<std::uint64_t>(row.number(0)), row.text(1), row.text(2), row.text(3)};
}

Result<> Ownership::put_signed(std::uint64_t generation, const std::string& envelope,
                               const std::string& signer) {
    return database_.transaction([&]() -> Result<> {
        BULKHEAD_TRY(database_.run("INSERT OR REPLACE INTO signed_spec VALUES (1, ?, ?, ?, ?)",
                                   {Value{static_cast<std::int64_t>(generation)}, Value{envelope},
                                    Value{signer}, Value{rfc3339(clock_.utc())}}));
        return database_.run("DELETE FROM break_glass");
    });
}

Result<std::optional<BreakGlass>> Ownership::break_glass() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_.query("SELECT reason, actor, since FROM break_glass"));
    if (rows.empty()) return std::optional<BreakGlass>();
    return BreakGlass{rows.front().text(0), rows.front().text(1), rows.front().text(2)};
}

Result<> Ownership::put_break_glass(const std::string& reason, const std::string& actor) {
    return database_.run("INSERT OR REPLACE INTO break_glass VALUES (1, ?, ?, ?)",
                         {Value{reason}, Value{actor}, Value{rfc3339(clock_.utc())}});
}

}  // namespace bulkhead::apply
