#include "crypto/symmetric.hpp"

#include <openssl/hmac.h>

#include <cstdlib>

#include "crypto/handles.hpp"

namespace bulkhead::crypto {

std::string hmac_sha256(std::string_view key, std::string_view message) {
    std::string mac(32, '\0');
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), in(message), message.size(), out(mac),
             &size) == nullptr)
        std::abort();  // memory alone can fail
    return mac;
}

std::string encrypt_aes128_cfb(std::string_view key, std::string_view iv, std::string_view plain) {
    if (key.size() != 16 || iv.size() != 16) std::abort();
    const CipherContext context(EVP_CIPHER_CTX_new());
    std::string cipher(plain.size(), '\0');
    int size = 0;
    if (!context || EVP_EncryptInit_ex(context.get(), EVP_aes_128_cfb128(), nullptr, in(key), in(iv)) != 1 ||
        EVP_EncryptUpdate(context.get(), out(cipher), &size, in(plain), static_cast<int>(plain.size())) !=
            1 ||
        static_cast<std::size_t>(size) != plain.size())
        std::abort();
    return cipher;
}

}  // namespace bulkhead::crypto
