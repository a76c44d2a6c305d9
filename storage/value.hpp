// Arguments of statements.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/database.hpp"

namespace bulkhead::storage {

inline Value as_text(std::string_view text) {
    return Value{std::string(text)};
}
template <class Number>
Value as_number(Number number) {
    return Value{static_cast<std::int64_t>(number)};
}

}  // namespace bulkhead::storage
