// Passwords of people, kept as scrypt hashes (RFC 7914) that carry their parameters, so that old ones stay
// readable when the cost grows.
#pragma once

#include <string>
#include <string_view>

namespace bulkhead::crypto {

inline constexpr std::size_t password_limit = 1024;  // bytes

// "scrypt$15$8$1$SALT$HASH": log2 of N, r, p, base64url. Takes about 32 MiB and 80 ms, on purpose.
std::string hash_password(std::string_view password);
// In constant time. False for a hash of another form, or of a cost that nobody here would have asked for.
bool is_password(std::string_view password, std::string_view hash);
// 20 characters of 32 that can't be mistaken for each other, in groups of five: 100 bits.
std::string generate_password();

}  // namespace bulkhead::crypto
