#include "crypto/point.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <array>

namespace bulkhead::crypto {
namespace {

constexpr char uncompressed = 4;  // SEC 1, clause 2.3.3

std::string padded(std::string_view number) {
    return std::string(p256_size - number.size(), '\0') + std::string(number);
}

}  // namespace

Result<Key> key_of_point(std::string_view x, std::string_view y) {
    if (x.size() > p256_size || y.size() > p256_size)
        return fail(Code::invalid, "a coordinate has more than 32 bytes", {}, "a point of P-256");
    std::string point = uncompressed + padded(x) + padded(y);
    std::string curve = "P-256";
    const std::array parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), curve.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    std::array writable = parameters;
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, writable.data()) != 1) {
        ERR_clear_error();
        return fail(Code::invalid, "the key is no point of P-256");
    }
    return Key(key);
}

Result<std::pair<std::string, std::string>> point_of(const EVP_PKEY* key) {
    std::array<char, 32> curve{};
    std::array<unsigned char, 1 + 2 * p256_size> point{};
    std::size_t length = 0;
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
        EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), curve.size(),
                                       &length) != 1 ||
        (std::string_view(curve.data(), length) != "prime256v1" &&
         std::string_view(curve.data(), length) != "P-256") ||
        EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &length) !=
            1 ||
        length != point.size() || point[0] != uncompressed) {
        ERR_clear_error();
        return fail(Code::invalid, "the key is none of P-256");
    }
    return std::pair(std::string(point.begin() + 1, point.begin() + 1 + p256_size),
                     std::string(point.begin() + 1 + p256_size, point.end()));
}

}  // namespace bulkhead::crypto
