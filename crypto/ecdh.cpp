#include "crypto/ecdh.hpp"

#include <openssl/ec.h>

#include "crypto/point.hpp"

namespace bulkhead::crypto {

Result<Agreement> agree(std::string_view x, std::string_view y) {
    BULKHEAD_TRY_ASSIGN(const Key other, key_of_point(x, y));
    const Key ephemeral(EVP_EC_gen("P-256"));
    const KeyContext context(ephemeral ? EVP_PKEY_CTX_new(ephemeral.get(), nullptr) : nullptr);
    std::string shared(32, '\0');
    std::size_t size = shared.size();
    if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1 ||
        EVP_PKEY_derive(context.get(), out(shared), &size) != 1 || size != shared.size())
        return fail(Code::internal, "OpenSSL can't agree on a key on P-256");
    BULKHEAD_TRY_ASSIGN(const auto point, point_of(ephemeral.get()));
    return Agreement{.x = point.first, .y = point.second, .shared_x = std::move(shared)};
}

}  // namespace bulkhead::crypto
