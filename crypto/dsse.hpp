// DSSE v1.0.2 envelopes: a payload, its type, and signatures over both.
//   PAE = "DSSEv1" SP len(type) SP type SP len(payload) SP payload
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "crypto/signing_key.hpp"

namespace bulkhead::crypto {

inline constexpr std::size_t envelope_limit = std::size_t{4} * 1024 * 1024;  // bytes of the JSON

// The envelope as JSON, deterministic: {"payload": base64, "payloadType": type, "signatures": [{"keyid",
// "sig"}]}.
std::string sign_envelope(std::string_view payload_type, std::string_view payload, const SigningKey& key);

struct Opened {
    std::string payload;
    VerifyKey signer;
};

// The payload, if it has the wanted type and a signature by one of `trusted`. `where` names the envelope in
// errors. Errors say which it was: no JSON, another type, unsigned, no key of ours, a signature that does not
// match (an altered payload). `trusted` empty: Code::refused.
Result<Opened> open_envelope(std::string_view json, std::string_view payload_type,
                             std::span<const VerifyKey> trusted, const std::string& where);

}  // namespace bulkhead::crypto
