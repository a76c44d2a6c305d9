// Encrypts a secret to a gateway's public key, so that only that gateway can read it: X25519, HKDF-SHA256,
// AES-256-GCM, an ephemeral key per box; HPKE's construction (RFC 9180, base mode), which OpenSSL has
// from 3.2 on.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::crypto {

struct BoxKeyPair {
    std::string public_key;   // 32 bytes (X25519, RFC 7748)
    std::string private_key;  // 32 bytes
};
BoxKeyPair generate_box_key();
// The pair that a private key is half of.
Result<BoxKeyPair> box_key_of(std::string_view private_key, const std::string& where);

// `context` binds the box to its place (gateway, partition, name of the secret): it opens nowhere else.
Result<std::string> seal_box(std::string_view public_key, std::string_view context, std::string_view secret);
Result<std::string> open_box(const BoxKeyPair& key, std::string_view context, std::string_view box,
                             const std::string& where);

}  // namespace bulkhead::crypto
