// HMAC-SHA-256 (RFC 2104) and AES-128-CFB (SP 800-38A), which TPM 2.0 protects credentials with.
#pragma once

#include <string>
#include <string_view>

namespace bulkhead::crypto {

std::string hmac_sha256(std::string_view key, std::string_view message);  // 32 bytes
// `key` and `iv`: 16 bytes; full-block feedback.
std::string encrypt_aes128_cfb(std::string_view key, std::string_view iv, std::string_view plain);

}  // namespace bulkhead::crypto
