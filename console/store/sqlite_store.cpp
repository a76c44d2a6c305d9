#include "console/store/sqlite_store.hpp"

#include "base/file.hpp"
#include "console/store/schema.hpp"
#include "console/store/sql.hpp"
#include "console/store/value.hpp"

namespace bulkhead::console {

using storage::Value;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& path, Bounds bounds) {
    BULKHEAD_TRY(make_folder(path.parent_path(), 0700));
    BULKHEAD_TRY_ASSIGN(auto database, storage::Database::open(path));
    BULKHEAD_TRY(storage::migrate(*database, migrations(), "bulkhead-console " BULKHEAD_VERSION));
    BULKHEAD_TRY_ASSIGN(auto reader, storage::Database::open(path));
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(database), std::move(reader), bounds));
}

Result<> SqliteStore::transaction(const std::function<Result<>()>& work) {
    return database_->transaction(work);
}

Result<std::uint64_t> SqliteStore::count(const char* sql, std::initializer_list<Value> arguments) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql, arguments));
    return rows.empty() ? 0 : unsigned_of(rows.front(), 0);
}

Result<> SqliteStore::changed(const char* sql, std::initializer_list<Value> arguments,
                              const std::string& what, const std::string& mend) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql, arguments));
    if (rows.empty()) return fail(Code::not_found, "there is no " + what, {}, {}, mend);
    return {};
}

Result<std::optional<CaRow>> SqliteStore::ca() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::ca));
    if (rows.empty()) return std::optional<CaRow>();
    return CaRow{rows.front().text(0), rows.front().text(1), rows.front().text(2)};
}

Result<> SqliteStore::set_ca(const CaRow& row) {
    BULKHEAD_TRY_ASSIGN(
        const auto rows,
        database_->query(sql::set_ca, {as_text(row.certificate), as_text(row.key), as_text(row.made_at)}));
    if (rows.empty()) return fail(Code::conflict, "the console has a CA already", database_->path().string());
    return {};
}

Result<std::vector<ItKeyRow>> SqliteStore::it_keys() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::it_keys));
    std::vector<ItKeyRow> keys;
    for (const auto& row : rows) keys.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
    return keys;
}

Result<> SqliteStore::add_it_key(const ItKeyRow& row) {
    return database_->run(sql::add_it_key,
                          {as_text(row.id), as_text(row.pem), as_text(row.actor), as_text(row.added_at)});
}

Result<> SqliteStore::add_token(const TokenRow& row) {
    return transaction([&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto open, count(sql::open_tokens, {}));
        if (open >= bounds_.open_tokens)
            return fail(Code::refused, std::to_string(open) + " tokens wait to be used", {},
                        "at most " + std::to_string(bounds_.open_tokens),
                        "use them, or wait until they expire");
        return database_->run(sql::add_token, {as_text(row.hash), as_text(row.ek), as_text(row.actor),
                                               as_text(row.created_at), as_number(row.expires)});
    });
}

Result<TokenRow> SqliteStore::check_token(const std::string& hash, const std::string& ek, Seconds now) {
    constexpr Seconds remembered = 30 * 24 * 3600;  // after that, an old one is as unknown as any
    constexpr auto mend = "make a new one with: bulkhead-console token create";
    BULKHEAD_TRY(database_->run(sql::forget_tokens, {as_number(now - remembered)}));
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::token, {as_text(hash)}));
    if (rows.empty()) return fail(Code::refused, "the console knows no such token", {}, {}, mend);
    const auto& row = rows.front();
    TokenRow token{row.text(0), row.text(1), row.text(2), row.text(3), row.number(4), row.text(5)};
    if (!token.used_by.empty())
        return fail(Code::refused, "the token was used already, by gateway '" + token.used_by + "'", {},
                    "a token that was never used", mend);
    if (token.expires <= now) return fail(Code::refused, "the token has expired", {}, {}, mend);
    if (!token.ek.empty() && token.ek != ek)
        return fail(Code::refused,
                    "the token is for the TPM whose EK has the SHA-256 " + token.ek + ", not " + ek, {}, {},
                    mend);
    return token;
}

Result<> SqliteStore::use_token(const std::string& hash, const std::string& gateway) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::use_token, {as_text(hash), as_text(gateway)}));
    if (rows.empty())
        return fail(Code::refused, "the token was used meanwhile", {}, {},
                    "make a new one with: bulkhead-console token create");
    return {};
}

Result<> SqliteStore::add_audit(const AuditEntry& entry) {
    return transaction([&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(
            const auto id,
            count(sql::add_audit, {as_text(entry.time), as_text(entry.actor), as_text(entry.tenant),
                                   as_text(entry.action), as_text(entry.subject), as_text(entry.detail)}));
        if (entry.action == sign_in_refused)
            BULKHEAD_TRY(database_->run(sql::trim_audit_of_action,
                                        {as_text(entry.action), as_number(bounds_.refused_sign_ins)}));
        if (id <= bounds_.audit) return {};
        return database_->run(sql::trim_audit, {as_number(bounds_.audit)});
    });
}

Result<std::vector<AuditEntry>> SqliteStore::audit(std::uint64_t before, std::size_t limit) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::audit, {as_number(before), as_number(limit)}));
    std::vector<AuditEntry> entries;
    for (const auto& row : rows)
        entries.push_back({unsigned_of(row, 0), row.text(1), row.text(2), row.text(3), row.text(4),
                           row.text(5), row.text(6)});
    return entries;
}

}  // namespace bulkhead::console
