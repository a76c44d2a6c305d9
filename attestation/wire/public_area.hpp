// TPMT_PUBLIC (Part 2, clause 12.2.4) of an ECC key on P-256, the only kind that Bulkhead knows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::attestation::wire {

struct PublicArea {
    std::uint16_t type = 0;
    std::uint16_t name_alg = 0;
    std::uint32_t attributes = 0;
    std::string auth_policy;
    std::uint16_t symmetric = 0;  // TPMT_SYM_DEF_OBJECT; bits and mode unless it is null
    std::uint16_t symmetric_bits = 0;
    std::uint16_t symmetric_mode = 0;
    std::uint16_t scheme = 0;  // TPMT_ECC_SCHEME; hash unless it is null
    std::uint16_t scheme_hash = 0;
    std::uint16_t curve = 0;
    std::uint16_t kdf = 0;
    std::string x, y;  // big-endian
    bool operator==(const PublicArea&) const = default;
};

// Any other type of key, and any curve but P-256, is refused.
Result<PublicArea> parse_public(std::string_view bytes);
std::string encode_public(const PublicArea& area);

// The AK: restricted ECDSA-P256-SHA256 signing key that can't leave its TPM, made in the endorsement
// hierarchy.
PublicArea ak_area();
// The EK: template L-2 of the TCG EK Credential Profile 2.3, clause B.3.4.
PublicArea ek_area();
// The same as TPMT_PUBLIC, as TPM2_CreatePrimary takes them.
std::string ak_template();
std::string ek_template();
// How `area` differs from `wanted`, except for its point; empty: it does not.
std::string difference(const PublicArea& area, const PublicArea& wanted);

}  // namespace bulkhead::attestation::wire
