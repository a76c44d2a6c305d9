#include "crypto/sealed_box.hpp"

#include <openssl/kdf.h>

#include <cstdlib>

#include "crypto/handles.hpp"
#include "crypto/random.hpp"

namespace bulkhead::crypto {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::string_view label = "bulkhead box v1";

Key from_private(std::string_view raw) {
    return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, in(raw), raw.size()));
}

std::string public_of(const Key& key) {
    std::string raw(key_size, '\0');
    std::size_t size = raw.size();
    if (!key || EVP_PKEY_get_raw_public_key(key.get(), out(raw), &size) != 1) std::abort();
    return raw;
}

// Empty if the other key is one of X25519's few points without secrecy (RFC 7748 clause 6.1).
std::string agree(const Key& own, std::string_view other_raw) {
    const Key other(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, in(other_raw), other_raw.size()));
    const KeyContext context(own ? EVP_PKEY_CTX_new(own.get(), nullptr) : nullptr);
    std::string shared(key_size, '\0');
    std::size_t size = shared.size();
    if (!other || !context || EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1 ||
        EVP_PKEY_derive(context.get(), out(shared), &size) != 1)
        return {};
    return shared;
}

// Key and nonce of one box (RFC 5869), bound to both public keys and the context.
std::string derive(std::string_view shared, std::string_view ephemeral, std::string_view receiver,
                   std::string_view context) {
    std::string info(label);
    info.append(ephemeral).append(receiver).append(context);
    std::string derived(key_size + nonce_size, '\0');
    std::size_t size = derived.size();
    const KeyContext kdf(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr));
    if (!kdf || EVP_PKEY_derive_init(kdf.get()) != 1 ||
        EVP_PKEY_CTX_set_hkdf_md(kdf.get(), EVP_sha256()) != 1 ||
        EVP_PKEY_CTX_set1_hkdf_salt(kdf.get(), in(label), static_cast<int>(label.size())) != 1 ||
        EVP_PKEY_CTX_set1_hkdf_key(kdf.get(), in(shared), static_cast<int>(shared.size())) != 1 ||
        EVP_PKEY_CTX_add1_hkdf_info(kdf.get(), in(info), static_cast<int>(info.size())) != 1 ||
        EVP_PKEY_derive(kdf.get(), out(derived), &size) != 1)
        std::abort();
    return derived;
}

// One pass of AES-256-GCM; false: the tag does not match.
bool run_cipher(bool encrypt, const std::string& derived, std::string_view input, std::string& output,
                std::string& tag) {
    const CipherContext context(EVP_CIPHER_CTX_new());
    output.assign(input.size(), '\0');
    int size = 0;
    int rest = 0;
    if (!context ||
        EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(derived), in(derived) + key_size,
                          encrypt ? 1 : 0) != 1 ||
        EVP_CipherUpdate(context.get(), out(output), &size, in(input), static_cast<int>(input.size())) != 1)
        return false;
    if (!encrypt &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_size), tag.data()) != 1)
        return false;
    if (EVP_CipherFinal_ex(context.get(), out(output) + size, &rest) != 1) return false;
    tag.resize(tag_size);
    return !encrypt || EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_size),
                                           tag.data()) == 1;
}

}  // namespace

BoxKeyPair generate_box_key() {
    const auto seed = random_bytes(key_size);
    return {public_of(from_private(seed)), seed};
}

Result<BoxKeyPair> box_key_of(std::string_view private_key, const std::string& where) {
    if (private_key.size() != key_size)
        return fail(Code::corrupt,
                    "is no X25519 key: it has " + std::to_string(private_key.size()) + " bytes", where,
                    "32 bytes");
    return BoxKeyPair{public_of(from_private(private_key)), std::string(private_key)};
}

Result<std::string> seal_box(std::string_view public_key, std::string_view context, std::string_view secret) {
    const auto own = generate_box_key();
    const auto shared =
        public_key.size() == key_size ? agree(from_private(own.private_key), public_key) : std::string();
    if (shared.empty())
        return fail(Code::invalid, "is no usable X25519 public key", "the gateway's box key", "32 bytes",
                    "ask the console or the gateway for it again");
    std::string sealed;
    std::string tag;
    if (!run_cipher(true, derive(shared, own.public_key, public_key, context), secret, sealed, tag))
        std::abort();
    return own.public_key + tag + sealed;
}

Result<std::string> open_box(const BoxKeyPair& key, std::string_view context, std::string_view box,
                             const std::string& where) {
    if (box.size() < key_size + tag_size)
        return fail(Code::invalid, "is cut short", where, "a sealed secret");
    const auto ephemeral = box.substr(0, key_size);
    std::string tag(box.substr(key_size, tag_size));
    std::string secret;
    const auto shared = agree(from_private(key.private_key), ephemeral);
    if (shared.empty() || !run_cipher(false, derive(shared, ephemeral, key.public_key, context),
                                      box.substr(key_size + tag_size), secret, tag))
        return fail(Code::refused, "can't be opened: it is sealed to another gateway or for another place",
                    where, "a secret sealed for " + std::string(context),
                    "seal it again: bulkhead secret seal");
    return secret;
}

}  // namespace bulkhead::crypto
