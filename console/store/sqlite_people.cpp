// The part of the store that is about people.
#include "console/store/sql.hpp"
#include "console/store/sqlite_store.hpp"
#include "console/store/value.hpp"

namespace bulkhead::console {
namespace {

constexpr auto list_users = "bulkhead-console user list";

UserRow user_of(const storage::Row& row) {
    return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.text(6)};
}

std::string user_words(const std::string& user) {
    return "user '" + user + "'";
}

}  // namespace

Result<> SqliteStore::add_user(const UserRow& row) {
    BULKHEAD_TRY_ASSIGN(const auto rows,
                        database_->query(sql::add_user, {as_text(row.name), as_text(row.role),
                                                         as_text(row.tenant), as_text(row.password),
                                                         as_text(row.actor), as_text(row.created_at)}));
    if (rows.empty())
        return fail(Code::conflict, "there is a user '" + row.name + "' already", {}, "another name",
                    list_users);
    return {};
}

Result<std::vector<UserRow>> SqliteStore::users() {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::users));
    std::vector<UserRow> all;
    for (const auto& row : rows) all.push_back(user_of(row));
    return all;
}

Result<std::optional<UserRow>> SqliteStore::user(const std::string& name) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::user, {as_text(name)}));
    if (rows.empty()) return std::optional<UserRow>();
    return user_of(rows.front());
}

Result<> SqliteStore::set_password(const std::string& user, const std::string& password) {
    return transaction([&]() -> Result<> {
        BULKHEAD_TRY(
            changed(sql::set_password, {as_text(user), as_text(password)}, user_words(user), list_users));
        return database_->run(sql::remove_sessions_of, {as_text(user)});
    });
}

Result<> SqliteStore::set_signed_in(const std::string& user, const std::string& time) {
    return database_->run(sql::set_signed_in, {as_text(user), as_text(time)});
}

Result<> SqliteStore::remove_user(const std::string& name) {
    return changed(sql::remove_user, {as_text(name)}, user_words(name), list_users);
}

Result<> SqliteStore::add_session(const SessionRow& row) {
    return transaction([&]() -> Result<> {
        BULKHEAD_TRY(
            database_->run(sql::add_session, {as_text(row.hash), as_text(row.user), as_text(row.address),
                                              as_text(row.created_at), as_number(row.expires)}));
        return database_->run(sql::trim_sessions, {as_text(row.user), as_number(bounds_.sessions_of_a_user)});
    });
}

Result<std::optional<SessionRow>> SqliteStore::session(const std::string& hash, Seconds now) {
    BULKHEAD_TRY_ASSIGN(const auto rows, database_->query(sql::session, {as_text(hash), as_number(now)}));
    if (rows.empty()) {
        BULKHEAD_TRY(database_->run(sql::forget_sessions, {as_number(now)}));
        return std::optional<SessionRow>();
    }
    const auto& row = rows.front();
    return SessionRow{row.text(0), row.text(1), row.text(2), row.text(3), row.number(4)};
}

Result<> SqliteStore::remove_session(const std::string& hash) {
    return database_->run(sql::remove_session, {as_text(hash)});
}

Result<std::uint64_t> SqliteStore::count_sessions(Seconds now) {
    return count(sql::count_sessions, {as_number(now)});
}

}  // namespace bulkhead::console
