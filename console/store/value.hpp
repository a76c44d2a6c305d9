// Between rows of a database and C++.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/encoding.hpp"
#include "storage/value.hpp"

namespace bulkhead::console {

using storage::as_number;
using storage::as_text;

inline storage::Value as_bytes(std::string_view bytes) {
    return storage::Value{crypto::to_base64(bytes)};
}
// Empty, if the stored text is none: only a hand in the database can make it so.
inline std::string bytes_of(const storage::Row& row, std::size_t column) {
    return crypto::from_base64(row.text(column), "the database").value_or(std::string());
}
inline std::uint64_t unsigned_of(const storage::Row& row, std::size_t column) {
    return static_cast<std::uint64_t>(row.number(column));
}

}  // namespace bulkhead::console
