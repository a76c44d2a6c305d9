#include "storage/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/file.hpp"

namespace bulkhead::storage {
namespace {

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

constexpr int busy_timeout_ms = 10'000;
constexpr mode_t private_mode = 0600;

Code code_of(int result) {
    switch (result & 0xFF) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Code::corrupt;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Code::unavailable;
        default:
            return Code::io;
    }
}

std::string mend_of(int result) {
    switch (result & 0xFF) {
        case SQLITE_FULL:
            return "the disk is full: free some space there";
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return "restore it from a backup, or move it away and apply the spec again";
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
            return "check the folder's permissions and that its file system is writable";
        case SQLITE_BUSY:
            return "another process holds it: is a second bulkheadd running?";
        default:
            return {};
    }
}

int bind(sqlite3_stmt* statement, int place, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return sqlite3_bind_int64(statement, place, *number);
    if (const auto* text = std::get_if<std::string>(&value))
        return sqlite3_bind_text64(statement, place, text->data(), text->size(), SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    return sqlite3_bind_null(statement, place);
}

// Nobody else's to read, from its first byte on. SQLite gives -wal and -shm the mode of the database; those
// of an older version of ours are corrected, too. A file that is there is not opened: closing any descriptor
// of it would drop the locks of this process's other connections (POSIX, fcntl), and another process would
// then take the log from under them.
Result<> keep_private(const std::filesystem::path& path) {
    const Fd made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, private_mode));
    if (!made && errno != EEXIST) return fail_errno("can't make the file", path.string());
    for (const char* suffix : {"", "-wal", "-shm"}) {
        const std::string name = path.string() + suffix;
        if (::chmod(name.c_str(), private_mode) != 0 && errno != ENOENT)
            return fail_errno("can't set the mode", name);
    }
    return {};
}

Value column(sqlite3_stmt* statement, int place) {
    switch (sqlite3_column_type(statement, place)) {
        case SQLITE_INTEGER:
            return std::int64_t{sqlite3_column_int64(statement, place)};
        case SQLITE_NULL:
            return {};
        default: {
            const void* bytes = sqlite3_column_blob(statement, place);
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, place));
            return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size);
        }
    }
}

}  // namespace

std::string Row::text(std::size_t column) const {
    const auto* text = std::get_if<std::string>(&values_.at(column));
    return text == nullptr ? std::string() : *text;
}

std::int64_t Row::number(std::size_t column) const {
    const auto* number = std::get_if<std::int64_t>(&values_.at(column));
    return number == nullptr ? 0 : *number;
}

void Database::Close::operator()(sqlite3* handle) const {
    sqlite3_close_v2(handle);
}

Database::Database(std::unique_ptr<sqlite3, Close> handle, std::filesystem::path path)
    : handle_(std::move(handle)), path_(std::move(path)) {
}

std::unexpected<Error> Database::failed(std::string_view doing) const {
    const int result = sqlite3_extended_errcode(handle_.get());
    return fail(code_of(result), std::string(doing) + ": " + sqlite3_errmsg(handle_.get()), path_.string(),
                {}, mend_of(result));
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path) {
    BULKHEAD_TRY(keep_private(path));
    sqlite3* raw = nullptr;
    const int result = sqlite3_open_v2(
        path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
    std::unique_ptr<Database> database(new Database(std::unique_ptr<sqlite3, Close>(raw), path));
    if (result != SQLITE_OK) return database->failed("can't open the database");
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, busy_timeout_ms);
    BULKHEAD_TRY(
        database->script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA "
                         "trusted_schema=OFF;"));
    return database;
}

Result<std::vector<Row>> Database::query(std::string_view sql, std::initializer_list<Value> arguments) {
    const std::scoped_lock lock(mutex_);
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr) !=
        SQLITE_OK)
        return failed("can't read the state");
    const Statement statement(raw);
    int place = 0;
    for (const auto& value : arguments)
        if (bind(raw, ++place, value) != SQLITE_OK) return failed("can't read the state");
    std::vector<Row> rows;
    int result = SQLITE_OK;
    while ((result = sqlite3_step(raw)) == SQLITE_ROW) {
        std::vector<Value> values;
        for (int i = 0; i < sqlite3_column_count(raw); ++i) values.push_back(column(raw, i));
        rows.emplace_back(std::move(values));
    }
    if (result != SQLITE_DONE)
        return failed(sqlite3_stmt_readonly(raw) != 0 ? "can't read the state" : "can't write the state");
    return rows;
}

Result<> Database::run(std::string_view sql, std::initializer_list<Value> arguments) {
    BULKHEAD_TRY(query(sql, arguments));
    return {};
}

Result<> Database::script(const std::string& sql) {
    const std::scoped_lock lock(mutex_);
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return failed("can't write the state");
    return {};
}

Result<> Database::transaction(const std::function<Result<>()>& work) {
    const std::scoped_lock lock(mutex_);
    if (depth_ > 0) return work();
    BULKHEAD_TRY(script("BEGIN IMMEDIATE"));
    ++depth_;
    auto done = work();
    --depth_;
    if (done) done = script("COMMIT");
    // SQLite rolls back by itself on some errors (a full disk): then there is nothing left to roll back.
    if (!done && sqlite3_get_autocommit(handle_.get()) == 0) (void)script("ROLLBACK");
    return done;
}

}  // namespace bulkhead::storage
