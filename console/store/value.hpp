// Between rows of a database and C++.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/encoding.hpp"
#include "storage/database.hpp"

namespace bulkhead::console {

inline storage::Value as_text(std::string_view text) {
    return storage::Value{std::string(text)};
}
inline storage::Value as_bytes(std::string_view bytes) {
    return storage::Value{crypto::to_base64(bytes)};
}
template <class Number>
storage::Value as_number(Number number) {
    return storage::Value{static_cast<std::int64_t>(number)};
}
// Empty, if the stored text is none: only a hand in the database can make it so.
inline std::string bytes_of(const storage::Row& row, std::size_t column) {
    return crypto::from_base64(row.text(column), "the database").value_or(std::string());
}
inline std::uint64_t unsigned_of(const storage::Row& row, std::size_t column) {
    return static_cast<std::uint64_t>(row.number(column));
}

}  // namespace bulkhead::console
