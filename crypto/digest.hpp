// SHA-256 (FIPS 180-4), in lower-case hexadecimal.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::crypto {

Result<std::string> sha256(std::string_view bytes);
// The 32 bytes themselves. Aborts if memory is out: nothing else can fail.
std::string sha256_raw(std::string_view bytes);

// Of all that is left to read from `fd`, in constant memory. `where` names it in errors.
Result<std::string> sha256_of_rest(int fd, const std::string& where);

// 64 digits of 0-9 and a-f.
bool is_sha256(std::string_view text);

}  // namespace bulkhead::crypto
