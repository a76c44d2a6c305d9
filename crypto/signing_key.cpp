#include "crypto/signing_key.hpp"

#include <cstdlib>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/handles.hpp"
#include "crypto/random.hpp"

namespace bulkhead::crypto {
namespace {

constexpr std::size_t raw_size = 32;
constexpr std::size_t signature_size = 64;
constexpr std::size_t file_limit = 4096;

Key private_key(std::string_view seed) {
    return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, in(seed), seed.size()));
}

std::unexpected<Error> not_ed25519(const std::string& where, const char* kind, const char* mend) {
    return fail(Code::invalid, std::string("holds no Ed25519 ") + kind + " key", where,
                "a PEM file (RFC 8410)", mend);
}

// The raw bytes of a key by one of OpenSSL's two functions for that.
template <class Take>
std::string raw_of(const Key& key, Take take) {
    std::string raw(raw_size, '\0');
    std::size_t size = raw.size();
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519 ||
        take(key.get(), out(raw), &size) != 1 || size != raw_size)
        return {};
    return raw;
}

}  // namespace

Result<VerifyKey> VerifyKey::from_pem(std::string_view pem, const std::string& where) {
    const Key key(PEM_read_bio_PUBKEY(reading(pem).get(), nullptr, no_password, nullptr));
    auto raw = raw_of(key, EVP_PKEY_get_raw_public_key);
    if (raw.empty()) return not_ed25519(where, "public", "give the .pub file of: bulkhead key generate");
    return VerifyKey(std::move(raw));
}

Result<VerifyKey> VerifyKey::read(const std::filesystem::path& path) {
    BULKHEAD_TRY_ASSIGN(const auto pem, read_file(path, file_limit));
    return from_pem(pem, path.string());
}

Result<VerifyKey> VerifyKey::from_raw(std::string_view raw32) {
    if (raw32.size() != raw_size)
        return fail(Code::invalid, "an Ed25519 public key has " + std::to_string(raw32.size()) + " bytes", {},
                    "32");
    return VerifyKey(std::string(raw32));
}

std::string VerifyKey::pem() const {
    const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, in(raw_), raw_.size()));
    const Bio bio = writing();
    if (!key || PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1) std::abort();  // memory alone can fail here
    return written(bio);
}

std::string VerifyKey::id() const {
    return "SHA256:" + to_base64url(sha256_raw(raw_));
}

bool VerifyKey::verifies(std::string_view message, std::string_view signature) const {
    if (signature.size() != signature_size) return false;
    const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, in(raw_), raw_.size()));
    const DigestContext context(EVP_MD_CTX_new());
    return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), in(signature), signature.size(), in(message), message.size()) == 1;
}

SigningKey SigningKey::generate() {
    return SigningKey(random_bytes(raw_size));
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem, const std::string& where) {
    const Key key(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_password, nullptr));
    auto seed = raw_of(key, EVP_PKEY_get_raw_private_key);
    if (seed.empty()) return not_ed25519(where, "private", "make one: bulkhead key generate");
    return SigningKey(std::move(seed));
}

Result<SigningKey> SigningKey::read(const std::filesystem::path& path) {
    BULKHEAD_TRY_ASSIGN(const auto pem, read_file(path, file_limit));
    return from_pem(pem, path.string());
}

std::string SigningKey::pem() const {
    const Key key = private_key(seed_);
    const Bio bio = writing();
    if (!key ||
        PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        std::abort();
    return written(bio);
}

VerifyKey SigningKey::verify_key() const {
    return *VerifyKey::from_raw(raw_of(private_key(seed_), EVP_PKEY_get_raw_public_key));
}

std::string SigningKey::sign(std::string_view message) const {
    const Key key = private_key(seed_);
    const DigestContext context(EVP_MD_CTX_new());
    std::string signature(signature_size, '\0');
    std::size_t size = signature.size();
    if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), out(signature), &size, in(message), message.size()) != 1)
        std::abort();
    return signature;
}

}  // namespace bulkhead::crypto
