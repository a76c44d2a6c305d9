#include "attestation/credential.hpp"

#include "attestation/wire/algorithms.hpp"
#include "attestation/wire/public_area.hpp"
#include "attestation/wire/writer.hpp"
#include "crypto/certificate_chain.hpp"
#include "crypto/digest.hpp"
#include "crypto/ecdh.hpp"
#include "crypto/random.hpp"
#include "crypto/symmetric.hpp"

namespace bulkhead::attestation {
namespace {

constexpr std::size_t secret_size = 32;
constexpr std::size_t aes_size = 16;
constexpr std::string_view ek_usage =
    "2.23.133.8.1";  // tcg-kp-EKCertificate, EK Credential Profile clause 3.2.16

std::string padded(std::string_view number) {
    return std::string(wire::p256_size - number.size(), '\0') + std::string(number);
}

// Part 1, clause 11.4.10.3, for 256 bits: one block.
std::string kdf_e(std::string_view secret, std::string_view use, std::string_view party_u,
                  std::string_view party_v) {
    wire::Writer writer;
    writer.u32(1).bytes(secret).bytes(use).u8(0).bytes(party_u).bytes(party_v);
    return crypto::sha256_raw(writer.text());
}

// Part 1, clause 11.4.10.2, for up to 256 bits: one block.
std::string kdf_a(std::string_view key, std::string_view label, std::string_view context,
                  std::uint32_t bits) {
    wire::Writer writer;
    writer.u32(1).bytes(label).u8(0).bytes(context).u32(bits);
    return crypto::hmac_sha256(key, writer.text()).substr(0, bits / 8);
}

Result<wire::PublicArea> checked(std::string_view public_area, const wire::PublicArea& wanted,
                                 const char* name) {
    BULKHEAD_TRY_ASSIGN(wire::PublicArea area, wire::parse_public(public_area));
    if (const std::string difference = wire::difference(area, wanted); !difference.empty())
        return fail(Code::refused, std::string("this is no ") + name + " of our template: " + difference);
    return area;
}

Result<> check_ek(std::string_view ek_public) {
    BULKHEAD_TRY(checked(ek_public, wire::ek_area(), "endorsement key"));
    return {};
}

}  // namespace

Result<> check_ak(std::string_view ak_public) {
    BULKHEAD_TRY(checked(ak_public, wire::ak_area(), "attestation key"));
    return {};
}

Result<std::string> name_of(std::string_view public_area) {
    BULKHEAD_TRY_ASSIGN(const wire::PublicArea area, wire::parse_public(public_area));
    if (area.name_alg != wire::alg_sha256)
        return fail(Code::unsupported, "a key's Name is made by hash " + std::to_string(area.name_alg), {},
                    "SHA-256");
    return wire::Writer().u16(area.name_alg).bytes(crypto::sha256_raw(public_area)).take();
}

Result<Credential> make_credential(std::string_view ek_public, std::string_view ak_public) {
    BULKHEAD_TRY_ASSIGN(const wire::PublicArea ek, checked(ek_public, wire::ek_area(), "endorsement key"));
    BULKHEAD_TRY(check_ak(ak_public));
    BULKHEAD_TRY_ASSIGN(const std::string name, name_of(ak_public));
    BULKHEAD_TRY_ASSIGN(const crypto::Agreement agreement, crypto::agree(ek.x, ek.y));
    Credential credential{.secret = crypto::random_bytes(secret_size)};
    // Part 1, clauses 24.4 and 24.5; C.6.3 for ECC.
    const std::string seed = kdf_e(agreement.shared_x, "IDENTITY", agreement.x, padded(ek.x));
    const std::string key = kdf_a(seed, "STORAGE", name, aes_size * 8);
    const std::string identity = crypto::encrypt_aes128_cfb(key, std::string(aes_size, '\0'),
                                                            wire::Writer().sized(credential.secret).text());
    const std::string mac = crypto::hmac_sha256(kdf_a(seed, "INTEGRITY", "", 256), identity + name);
    credential.id_object = wire::Writer().sized(wire::Writer().sized(mac).bytes(identity).text()).take();
    credential.encrypted_secret =
        wire::Writer().sized(wire::Writer().sized(agreement.x).sized(agreement.y).text()).take();
    return credential;
}

Result<TrustAnchor> check_ek_certificate(std::string_view certificate_der, std::string_view ek_public,
                                         const std::string& roots_pem) {
    BULKHEAD_TRY(check_ek(ek_public));
    if (certificate_der.empty()) return TrustAnchor::software;
    BULKHEAD_TRY_ASSIGN(const auto certificate,
                        crypto::check_end_certificate(certificate_der, roots_pem, std::string(ek_usage)));
    BULKHEAD_TRY_ASSIGN(const wire::PublicArea ek, wire::parse_public(ek_public));
    if (certificate.x != padded(ek.x) || certificate.y != padded(ek.y))
        return fail(Code::refused, "the certificate is for another endorsement key");
    return certificate.known_root ? TrustAnchor::hardware : TrustAnchor::software;
}

std::string enrolment_mac(std::string_view secret, std::string_view session, std::string_view nonce,
                          std::string_view ek_public, std::string_view ak_public,
                          std::string_view tls_public_key) {
    wire::Writer writer;
    for (const std::string_view field :
         {std::string_view("bulkhead enrolment"), session, nonce, ek_public, ak_public, tls_public_key})
        writer.u32(static_cast<std::uint32_t>(field.size())).bytes(field);
    return crypto::hmac_sha256(secret, writer.text());
}

}  // namespace bulkhead::attestation
