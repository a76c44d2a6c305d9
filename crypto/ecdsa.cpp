#include "crypto/ecdsa.hpp"

#include <algorithm>
#include <string>

#include "crypto/point.hpp"

namespace bulkhead::crypto {
namespace {

// The order of P-256 (SP 800-186, clause 3.2.1.3).
constexpr std::string_view order(
    "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
    "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51",
    p256_size);

// std::string_view compares as unsigned characters, and both have 32 of them.
bool in_range(std::string_view number) {
    return number.size() == p256_size && number < order &&
           std::ranges::any_of(number, [](char byte) { return byte != 0; });
}

// DER INTEGER (X.690 clause 8.3): no leading zeros, but one before a byte whose highest bit is set.
std::string der_integer(std::string_view number) {
    number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size() - 1));
    std::string content =
        (static_cast<unsigned char>(number.front()) & 0x80U) != 0 ? std::string(1, '\0') : "";
    content += number;
    return std::string("\x02") + static_cast<char>(content.size()) + content;
}

}  // namespace

struct EcdsaKey::Ready {
    Key key;
    KeyContext context;
};

EcdsaKey::EcdsaKey(std::unique_ptr<Ready> ready) : ready_(std::move(ready)) {
}
EcdsaKey::~EcdsaKey() = default;
EcdsaKey::EcdsaKey(EcdsaKey&& other) noexcept = default;
EcdsaKey& EcdsaKey::operator=(EcdsaKey&& other) noexcept = default;

Result<EcdsaKey> EcdsaKey::from_point(std::string_view x, std::string_view y) {
    auto ready = std::make_unique<Ready>();
    BULKHEAD_TRY_ASSIGN(ready->key, key_of_point(x, y));
    ready->context.reset(EVP_PKEY_CTX_new(ready->key.get(), nullptr));
    if (!ready->context || EVP_PKEY_verify_init(ready->context.get()) != 1)
        return fail(Code::internal, "OpenSSL can't verify with ECDSA");
    return EcdsaKey(std::move(ready));
}

bool EcdsaKey::verifies(std::string_view digest, std::string_view r, std::string_view s) const {
    if (digest.size() != p256_size || !in_range(r) || !in_range(s)) return false;
    const std::string integers = der_integer(r) + der_integer(s);
    const std::string signature = std::string("\x30") + static_cast<char>(integers.size()) + integers;
    return EVP_PKEY_verify(ready_->context.get(), in(signature), signature.size(), in(digest),
                           digest.size()) == 1;
}

}  // namespace bulkhead::crypto
