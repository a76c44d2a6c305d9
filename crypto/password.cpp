#include "crypto/password.hpp"

#include <openssl/evp.h>

#include <cstdlib>

#include "base/text.hpp"
#include "base/units.hpp"
#include "crypto/encoding.hpp"
#include "crypto/random.hpp"

namespace bulkhead::crypto {
namespace {

constexpr unsigned cost = 15;  // log2 of N
constexpr unsigned most_cost = 17;
constexpr unsigned block = 8;
constexpr std::size_t salt_size = 16;
constexpr std::size_t hash_size = 32;
constexpr std::uint64_t memory_limit = std::uint64_t{192} * 1024 * 1024;

std::string derive(std::string_view password, std::string_view salt, unsigned log_n) {
    std::string hash(hash_size, '\0');
    if (EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                       salt.size(), std::uint64_t{1} << log_n, block, 1, memory_limit,
                       reinterpret_cast<unsigned char*>(hash.data()), hash.size()) != 1)
        std::abort();  // of parameters that were checked: memory alone can fail
    return hash;
}

}  // namespace

std::string hash_password(std::string_view password) {
    const auto salt = random_bytes(salt_size);
    return "scrypt$" + std::to_string(cost) + "$8$1$" + to_base64url(salt) + "$" +
           to_base64url(derive(password, salt, cost));
}

bool is_password(std::string_view password, std::string_view hash) {
    const auto fields = split_text(hash, '$');
    if (fields.size() != 6 || fields[0] != "scrypt" || fields[2] != "8" || fields[3] != "1") return false;
    const auto log_n = parse_number(fields[1], 1, most_cost);
    const auto salt = from_base64url(fields[4], "a password's hash");
    const auto wanted = from_base64url(fields[5], "a password's hash");
    if (!log_n || !salt || !wanted || password.size() > password_limit) return false;
    return equal_in_constant_time(derive(password, *salt, static_cast<unsigned>(*log_n)), *wanted);
}

std::string generate_password() {
    constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789A";  // 32: no i, l, o, 0, 1
    static_assert(letters.size() == 32);
    std::string password;
    for (const char byte : random_bytes(20)) {
        if (password.size() % 6 == 5) password += '-';
        password += letters[static_cast<unsigned char>(byte) % 32];
    }
    return password;
}

}  // namespace bulkhead::crypto
