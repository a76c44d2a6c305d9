// TPMT_SIGNATURE (Part 2, clause 11.3.4) of an ECDSA key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::attestation::wire {

struct Signature {
    std::uint16_t scheme = 0;
    std::uint16_t hash = 0;
    std::string r, s;  // big-endian, 32 bytes each
    bool operator==(const Signature&) const = default;
};

// Another scheme than ECDSA is not read further: `scheme` says which it was.
Result<Signature> parse_signature(std::string_view bytes);
std::string encode_signature(const Signature& signature);

}  // namespace bulkhead::attestation::wire
