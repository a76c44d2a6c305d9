// Whether a signed desired state is one for this gateway, now. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "crypto/signing_key.hpp"
#include "spec/desired.hpp"

namespace bulkhead::uplink {

struct Accepted {
    spec::Desired desired;
    std::string signer;  // id of IT's key
};

// Refused: a signature by no key of `trusted`, an altered payload, another gateway's, a generation that is
// not greater than `in_force` (Code::conflict).
Result<Accepted> check_desired(std::string_view envelope, std::span<const crypto::VerifyKey> trusted,
                               const std::string& gateway, std::uint64_t in_force, const std::string& where);

// Looks like an envelope and not like a spec: JSON with a payload type and signatures.
bool is_envelope(std::string_view document);

}  // namespace bulkhead::uplink
