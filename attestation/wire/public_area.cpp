#include "attestation/wire/public_area.hpp"

#include <array>

#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/reader.hpp"
#include "attestation/wire/writer.hpp"

namespace bulkhead::attestation::wire {
namespace {

// TPM2_PolicySecret(TPM_RH_ENDORSEMENT): PolicyA of the EK Credential Profile, clause B.3.
constexpr std::array<unsigned char, sha256_size> policy_a = {
    0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24,
    0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, 0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa};

std::string hex(std::uint64_t number) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    do text.insert(text.begin(), digits[number % 16]);
    while ((number /= 16) != 0);
    return "0x" + text;
}

struct Bit {
    std::uint32_t bit;
    std::string_view name;
};
constexpr std::array bits = {Bit{fixed_tpm, "fixedTPM"},
                             Bit{fixed_parent, "fixedParent"},
                             Bit{sensitive_data_origin, "sensitiveDataOrigin"},
                             Bit{user_with_auth, "userWithAuth"},
                             Bit{admin_with_policy, "adminWithPolicy"},
                             Bit{no_da, "noDA"},
                             Bit{restricted, "restricted"},
                             Bit{decrypt, "decrypt"},
                             Bit{sign_encrypt, "sign"}};

std::string attribute_difference(std::uint32_t seen, std::uint32_t wanted) {
    std::string text;
    std::uint32_t rest = seen ^ wanted;
    for (const Bit& bit : bits) {
        if (((seen ^ wanted) & bit.bit) == 0) continue;
        text += (text.empty() ? "" : ", ") + std::string((seen & bit.bit) != 0 ? "it is " : "it is not ") +
                std::string(bit.name);
        rest &= ~bit.bit;
    }
    if (rest != 0) text += (text.empty() ? "" : ", ") + ("unknown attributes " + hex(rest));
    return text;
}

}  // namespace

Result<PublicArea> parse_public(std::string_view bytes) {
    Reader reader(bytes);
    PublicArea area;
    area.type = reader.u16();
    if (!reader.failed() && area.type != alg_ecc)
        reader.refuse("is of key type " + hex(area.type) + ", not ECC");
    area.name_alg = reader.u16();
    area.attributes = reader.u32();
    area.auth_policy = reader.sized(64);
    area.symmetric = reader.u16();
    if (area.symmetric != alg_null) {
        area.symmetric_bits = reader.u16();
        area.symmetric_mode = reader.u16();
    }
    area.scheme = reader.u16();
    if (area.scheme != alg_null) area.scheme_hash = reader.u16();
    area.curve = reader.u16();
    if (!reader.failed() && area.curve != curve_p256)
        reader.refuse("is on curve " + hex(area.curve) + ", not P-256");
    area.kdf = reader.u16();
    if (!reader.failed() && area.kdf != alg_null) reader.refuse("has a key derivation " + hex(area.kdf));
    area.x = reader.sized(p256_size);
    area.y = reader.sized(p256_size);
    BULKHEAD_TRY(reader.end("TPMT_PUBLIC"));
    return area;
}

std::string encode_public(const PublicArea& area) {
    Writer writer;
    writer.u16(area.type).u16(area.name_alg).u32(area.attributes).sized(area.auth_policy).u16(area.symmetric);
    if (area.symmetric != alg_null) writer.u16(area.symmetric_bits).u16(area.symmetric_mode);
    writer.u16(area.scheme);
    if (area.scheme != alg_null) writer.u16(area.scheme_hash);
    writer.u16(area.curve).u16(area.kdf).sized(area.x).sized(area.y);
    return writer.take();
}

PublicArea ak_area() {
    return {.type = alg_ecc,
            .name_alg = alg_sha256,
            .attributes = fixed_tpm | fixed_parent | sensitive_data_origin | user_with_auth | no_da |
                          restricted | sign_encrypt,
            .symmetric = alg_null,
            .scheme = alg_ecdsa,
            .scheme_hash = alg_sha256,
            .curve = curve_p256,
            .kdf = alg_null};
}

PublicArea ek_area() {
    return {.type = alg_ecc,
            .name_alg = alg_sha256,
            .attributes =
                fixed_tpm | fixed_parent | sensitive_data_origin | admin_with_policy | restricted | decrypt,
            .auth_policy = std::string(policy_a.begin(), policy_a.end()),
            .symmetric = alg_aes,
            .symmetric_bits = 128,
            .symmetric_mode = alg_cfb,
            .scheme = alg_null,
            .curve = curve_p256,
            .kdf = alg_null};
}

std::string ak_template() {
    return encode_public(ak_area());
}

std::string ek_template() {
    PublicArea area = ek_area();
    area.x = area.y = std::string(p256_size, '\0');  // the profile's unique field
    return encode_public(area);
}

std::string difference(const PublicArea& area, const PublicArea& wanted) {
    if (std::string text = attribute_difference(area.attributes, wanted.attributes); !text.empty())
        return text;
    PublicArea same_point = wanted;
    same_point.x = area.x;
    same_point.y = area.y;
    if (area == same_point) return {};
    if (area.scheme != wanted.scheme || area.scheme_hash != wanted.scheme_hash)
        return "its signing scheme is " + hex(area.scheme) + " with hash " + hex(area.scheme_hash);
    if (area.name_alg != wanted.name_alg) return "its Name is made by hash " + hex(area.name_alg);
    if (area.auth_policy != wanted.auth_policy) return "its policy is another one";
    return "its symmetric algorithm is " + hex(area.symmetric);
}

}  // namespace bulkhead::attestation::wire
