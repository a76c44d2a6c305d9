// What a console prints and a gateway is given once, to join it:
//   bulkhead-join-v1,HOST:PORT,PIN,TOKEN
// PIN is the SHA-256 of the console's CA certificate (base64url, or 64 hexadecimal digits), TOKEN is good for
// one enrolment. An IPv6 address stands in brackets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::crypto {

inline constexpr std::size_t join_string_limit = 512;

struct JoinString {
    std::string host;  // without brackets
    std::uint16_t port = 0;
    std::string pin;  // 64 lower-case hexadecimal digits
    std::string token;
    std::string address() const;  // HOST:PORT
    bool operator==(const JoinString&) const = default;
};

// Blanks around it, which a copy brings along, are fine. Errors never quote the token.
Result<JoinString> parse_join_string(std::string_view text);
std::string to_string(const JoinString& join);

struct HostPort {
    std::string host;
    std::uint16_t port = 0;
    bool operator==(const HostPort&) const = default;
};
Result<HostPort> parse_host_port(std::string_view text, const std::string& where);
// In either form of a join string; 64 lower-case hexadecimal digits.
Result<std::string> parse_pin(std::string_view text, const std::string& where);

}  // namespace bulkhead::crypto
