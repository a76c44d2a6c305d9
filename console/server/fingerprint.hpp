// By which the store knows tokens, sessions and keys: whoever reads it can use none of them.
#pragma once

#include <string>
#include <string_view>

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::console {

// SHA-256, in hexadecimal.
inline std::string fingerprint(std::string_view bytes) {
    return crypto::to_hex(crypto::sha256_raw(bytes));
}

}  // namespace bulkhead::console
