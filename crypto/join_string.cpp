#include "crypto/join_string.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "base/units.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::crypto {
namespace {

constexpr const char* where_it_is = "join string";
constexpr std::string_view mark = "bulkhead-join-v1";
constexpr const char* wanted_form = "bulkhead-join-v1,HOST:PORT,PIN,TOKEN";
constexpr const char* make_one = "make a new one on the console: bulkhead-console token create";

bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool all_of(std::string_view text, std::string_view more) {
    return std::ranges::all_of(text, [&](char c) { return is_alnum(c) || more.find(c) != text.npos; });
}

std::unexpected<Error> wrong(std::string what) {
    return fail(Code::invalid, std::move(what), where_it_is, wanted_form, make_one);
}

}  // namespace

std::string JoinString::address() const {
    return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

Result<HostPort> parse_host_port(std::string_view text, const std::string& where) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || text.size() > 300)
        return fail(Code::invalid, "'" + printable(text, 80) + "' is no address with a port", where,
                    "HOST:PORT, such as console.example:8443");
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (host.empty() || host.size() > 253 || !all_of(host, bracketed ? ":.%-" : ".-_"))
        return fail(Code::invalid, "'" + printable(host, 80) + "' is no host", where,
                    "a name, an IPv4 address, or an IPv6 address in brackets");
    const auto port = parse_number(text.substr(colon + 1), 1, 65535);
    if (!port)
        return fail(Code::invalid, "'" + printable(text.substr(colon + 1), 20) + "' is no port", where,
                    "1 to 65535");
    return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

Result<std::string> parse_pin(std::string_view text, const std::string& where) {
    std::string hex(text);
    std::ranges::transform(hex, hex.begin(),
                           [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c; });
    if (is_sha256(hex)) return hex;
    const auto raw = text.size() == 43 ? from_base64url(text, where) : fail(Code::invalid, {});
    if (!raw || raw->size() != 32)
        return fail(Code::invalid, "'" + printable(text, 80) + "' is no SHA-256", where,
                    "43 characters of base64url, or 64 hexadecimal digits");
    return to_hex(*raw);
}

Result<JoinString> parse_join_string(std::string_view text) {
    text = trimmed(text);
    if (text.size() > join_string_limit)
        return wrong("it is longer than " + std::to_string(join_string_limit) + " characters");
    const auto fields = split_text(text, ',');
    if (fields.front() != mark) return wrong("it does not begin with " + std::string(mark));
    if (fields.size() != 4)
        return wrong("it has " + std::to_string(fields.size()) +
                     " fields, so it may have been cut; put it in quotes");
    BULKHEAD_TRY_ASSIGN(const auto address, parse_host_port(fields[1], where_it_is));
    BULKHEAD_TRY_ASSIGN(auto pin, parse_pin(fields[2], where_it_is));
    if (fields[3].size() < 8 || fields[3].size() > 128 || !all_of(fields[3], "-_."))
        return wrong("its token is not one");
    return JoinString{address.host, address.port, std::move(pin), fields[3]};
}

std::string to_string(const JoinString& join) {
    const auto raw = from_hex(join.pin, where_it_is);
    return std::string(mark) + "," + join.address() + "," + (raw ? to_base64url(*raw) : join.pin) + "," +
           join.token;
}

}  // namespace bulkhead::crypto
