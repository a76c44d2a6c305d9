// SQLite. No other module includes its header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"

struct sqlite3;

namespace bulkhead::storage {

// Text is stored as text, numbers as 64-bit integers.
using Value = std::variant<std::monostate, std::int64_t, std::string>;

class Row {
  public:
    explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
    // Empty text and 0 stand for NULL and for a value of the other type.
    std::string text(std::size_t column) const;
    std::int64_t number(std::size_t column) const;

  private:
    std::vector<Value> values_;
};

// One connection, usable from any thread: calls and whole transactions exclude each other.
// WAL, synchronous=FULL: what was committed survives a power cut.
class Database {
  public:
    // In a folder that is there; of mode 0600.
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& path);

    // One statement with its arguments.
    Result<> run(std::string_view sql, std::initializer_list<Value> arguments = {});
    Result<std::vector<Row>> query(std::string_view sql, std::initializer_list<Value> arguments = {});
    // Several statements without arguments.
    Result<> script(const std::string& sql);
    // All of `work` or nothing. Inside another transaction it is part of that one.
    Result<> transaction(const std::function<Result<>()>& work);

    const std::filesystem::path& path() const { return path_; }

  private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    Database(std::unique_ptr<sqlite3, Close> handle, std::filesystem::path path);
    std::unexpected<Error> failed(std::string_view doing) const;

    std::unique_ptr<sqlite3, Close> handle_;
    std::filesystem::path path_;
    std::recursive_mutex mutex_;
    int depth_ = 0;
};

}  // namespace bulkhead::storage
