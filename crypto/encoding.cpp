#include "crypto/encoding.hpp"

#include <openssl/crypto.h>

#include <array>
#include <cstdint>

namespace bulkhead::crypto {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

std::string encode(std::string_view bytes, std::string_view alphabet, bool padded) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t held = 0;
    int bits = 0;
    for (const char byte : bytes) {
        held = (held << 8) | static_cast<unsigned char>(byte);
        for (bits += 8; bits >= 6; bits -= 6) text += alphabet[(held >> (bits - 6)) & 0x3F];
    }
    if (bits > 0) text += alphabet[(held << (6 - bits)) & 0x3F];
    while (padded && text.size() % 4 != 0) text += '=';
    return text;
}

Result<std::string> decode(std::string_view text, std::string_view alphabet, const std::string& where) {
    if (text.size() % 4 == 1) return fail(Code::invalid, "base64 text is cut short", where);
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t held = 0;
    int bits = 0;
    for (const char letter : text) {
        const auto value = alphabet.find(letter);
        if (value == std::string_view::npos) return fail(Code::invalid, "is no base64 text", where);
        held = (held << 6) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>((held >> bits) & 0xFF);
    }
    // Two texts for the same bytes would let a signed document be altered without notice.
    if ((held & ((1U << bits) - 1)) != 0)
        return fail(Code::invalid, "base64 text has bits after its end", where);
    return bytes;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += hex_digits[value >> 4];
        text += hex_digits[value & 0x0F];
    }
    return text;
}

Result<std::string> from_hex(std::string_view text, const std::string& where) {
    if (text.size() % 2 != 0) return fail(Code::invalid, "hexadecimal text is cut short", where);
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t place = 0; place < text.size(); place += 2) {
        const int high = hex_value(text[place]);
        const int low = hex_value(text[place + 1]);
        if (high < 0 || low < 0) return fail(Code::invalid, "is no hexadecimal text", where);
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::string to_base64(std::string_view bytes) {
    return encode(bytes, standard, true);
}

Result<std::string> from_base64(std::string_view text, const std::string& where) {
    if (text.size() % 4 != 0) return fail(Code::invalid, "base64 text is not padded", where);
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return decode(text, standard, where);
}

std::string to_base64url(std::string_view bytes) {
    return encode(bytes, for_urls, false);
}

Result<std::string> from_base64url(std::string_view text, const std::string& where) {
    return decode(text, for_urls, where);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace bulkhead::crypto
