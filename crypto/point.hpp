// Points of P-256 as OpenSSL's keys. For crypto/ alone.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "crypto/handles.hpp"

namespace bulkhead::crypto {

inline constexpr std::size_t p256_size = 32;  // bytes of a coordinate, and of a number below the order

// Coordinates of at most 32 bytes, big-endian. OpenSSL refuses a point that is not on the curve.
Result<Key> key_of_point(std::string_view x, std::string_view y);
// The coordinates, 32 bytes each, if it is a key on P-256.
Result<std::pair<std::string, std::string>> point_of(const EVP_PKEY* key);

}  // namespace bulkhead::crypto
