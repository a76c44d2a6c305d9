#include "crypto/digest.hpp"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <vector>

namespace bulkhead::crypto {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype([](EVP_MD_CTX* context) { EVP_MD_CTX_free(context); })>;

std::unexpected<Error> no_sha256() {
    return fail(Code::internal, "OpenSSL can't compute SHA-256");
}

Result<Context> begin() {
    Context context(EVP_MD_CTX_new());
    if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return no_sha256();
    return context;
}

Result<std::string> end(const Context& context) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1) return no_sha256();
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        text += digits[digest[i] >> 4U];
        text += digits[digest[i] & 15U];
    }
    return text;
}

}  // namespace

Result<std::string> sha256(std::string_view bytes) {
    BULKHEAD_TRY_ASSIGN(const Context context, begin());
    if (EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1) return no_sha256();
    return end(context);
}

Result<std::string> sha256_of_rest(int fd, const std::string& where) {
    BULKHEAD_TRY_ASSIGN(const Context context, begin());
    std::vector<char> chunk(std::size_t{256} * 1024);
    while (true) {
        const ssize_t got = ::read(fd, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno("can't read", where);
        if (got == 0) return end(context);
        if (EVP_DigestUpdate(context.get(), chunk.data(), static_cast<std::size_t>(got)) != 1)
            return no_sha256();
    }
}

std::string sha256_raw(std::string_view bytes) {
    std::string digest(32, '\0');
    if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                   EVP_sha256(), nullptr) != 1)
        std::abort();
    return digest;
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace bulkhead::crypto
