// Hexadecimal and base64 (RFC 4648). Bytes are std::string.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::crypto {

std::string to_hex(std::string_view bytes);
// Lower or upper case, an even number of digits; `where` names it in errors.
Result<std::string> from_hex(std::string_view text, const std::string& where);

std::string to_base64(std::string_view bytes);
// Strict: padding required, no white space, no bits after the end.
Result<std::string> from_base64(std::string_view text, const std::string& where);
// RFC 4648 clause 5, without padding: for tokens and join strings.
std::string to_base64url(std::string_view bytes);
Result<std::string> from_base64url(std::string_view text, const std::string& where);

// Of equal length and content, in time that depends on the length alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace bulkhead::crypto
