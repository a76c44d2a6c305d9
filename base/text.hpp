// Text that came from somewhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead {

// Offset of the first byte that is not valid UTF-8 (RFC 3629: no overlong forms, no surrogates), or nothing.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

// Invalid bytes replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

// One line fit for a terminal: valid UTF-8, no control characters (C0, DEL, C1), at most `limit` bytes, cut
// between characters.
std::string printable(std::string_view text, std::size_t limit);

std::vector<std::string> split_text(std::string_view text, char separator);
std::string_view trimmed(std::string_view text);

// FNV-1a, 64 bit: for names of things that must come out the same on every run. Not for security.
std::uint64_t stable_hash(std::string_view text);

}  // namespace bulkhead
