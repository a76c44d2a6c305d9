// Numbers of the TPM 2.0 Library, Part 2: the few that an attestation of ours may hold.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead::attestation::wire {

// TPM_GENERATED_VALUE, clause 6.2: begins everything that a TPM made up itself.
inline constexpr std::uint32_t tpm_generated = 0xff544347;

// TPM_ST, clause 6.9.
inline constexpr std::uint16_t st_attest_quote = 0x8018;

// TPM_ALG_ID, clause 6.3.
inline constexpr std::uint16_t alg_sha1 = 0x0004;
inline constexpr std::uint16_t alg_aes = 0x0006;
inline constexpr std::uint16_t alg_sha256 = 0x000b;
inline constexpr std::uint16_t alg_null = 0x0010;
inline constexpr std::uint16_t alg_ecdsa = 0x0018;
inline constexpr std::uint16_t alg_ecc = 0x0023;
inline constexpr std::uint16_t alg_cfb = 0x0043;

// TPM_ECC_CURVE, clause 6.4.
inline constexpr std::uint16_t curve_p256 = 0x0003;

// TPMA_OBJECT, clause 8.3.
inline constexpr std::uint32_t fixed_tpm = 1U << 1U;
inline constexpr std::uint32_t fixed_parent = 1U << 4U;
inline constexpr std::uint32_t sensitive_data_origin = 1U << 5U;
inline constexpr std::uint32_t user_with_auth = 1U << 6U;
inline constexpr std::uint32_t admin_with_policy = 1U << 7U;
inline constexpr std::uint32_t no_da = 1U << 10U;
inline constexpr std::uint32_t restricted = 1U << 16U;
inline constexpr std::uint32_t decrypt = 1U << 17U;
inline constexpr std::uint32_t sign_encrypt = 1U << 18U;

inline constexpr unsigned pcr_count = 24;  // PC Client profile
inline constexpr std::size_t sha256_size = 32;
inline constexpr std::size_t p256_size = 32;  // bytes of a coordinate, of r and of s

}  // namespace bulkhead::attestation::wire
