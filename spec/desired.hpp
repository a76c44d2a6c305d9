// What IT signs for one gateway, outside the console: the spec, what may be disturbed for it, and the
// reference values that its attestation is judged by. Carried in a DSSE envelope of this payload type;
// console and gateway both verify.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/dsse.hpp"
#include "model/names.hpp"
#include "model/plan.hpp"

namespace bulkhead::spec {

inline constexpr std::string_view desired_payload_type = "application/vnd.bulkhead.desired.v1+json";

struct Desired {
    model::GatewayName gateway;
    std::uint64_t generation =
        0;                 // a gateway takes only greater ones than it has: an old document can't be replayed
    std::string document;  // the YAML
    std::string document_name;
    std::string references;  // JSON of attestation::References
    model::Permits permits;  // restarts, detaches and deletions that IT allows with it
    std::string signed_at;   // RFC 3339, for people
    bool operator==(const Desired&) const = default;
};

// Deterministic JSON.
std::string to_json(const Desired& desired);
Result<Desired> desired_from_json(std::string_view json, const std::string& where);

std::string sign_desired(const Desired& desired, const crypto::SigningKey& key);
// Verifies the signature against `trusted` and reads the payload. The spec inside is not validated yet.
Result<Desired> open_desired(std::string_view envelope, std::span<const crypto::VerifyKey> trusted,
                             const std::string& where);

// Reads the payload without looking at the signature: for showing, never for believing.
Result<Desired> peek_desired(std::string_view envelope, const std::string& where);

}  // namespace bulkhead::spec
