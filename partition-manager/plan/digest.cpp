#include "partition-manager/plan/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

namespace bulkhead::plan {

std::string sha256(std::string_view text) {
    std::array<unsigned char, 32> digest{};
    unsigned length = 0;
    // Fails only if the process is out of memory or OpenSSL lacks SHA-256: neither is a state to plan in.
    if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
        std::abort();
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const unsigned char byte : digest) {
        hex += digits[byte >> 4U];
        hex += digits[byte & 0xFU];
    }
    return hex;
}

}  // namespace bulkhead::plan
