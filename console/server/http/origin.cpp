#include "console/server/http/origin.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "console/server/http/routes.hpp"

namespace bulkhead::console::http {
namespace {

constexpr std::size_t longest_secret = 256;

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

// host:port of an origin; empty for "null" and what is none.
std::string authority_of(const std::string& origin) {
    const auto scheme = origin.find("://");
    return scheme == std::string::npos ? std::string{} : lower(origin.substr(scheme + 3));
}

// Without the port; an IPv6 address without its brackets.
std::string host_of(const std::string& host) {
    if (host.starts_with('['))
        return host.substr(1, host.find(']') == std::string::npos ? 0 : host.find(']') - 1);
    return host.substr(0, host.find(':'));
}

std::unexpected<Error> foreign(const std::string& what) {
    return fail(Code::refused, "a page of another site asked for this: " + printable(what, 128), "request",
                "a page of this console", "scripts send Authorization: Bearer");
}

bool is_secret(std::string_view text) {
    return text.size() <= longest_secret &&
           std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

Result<> own_pages(const Request& request) {
    const auto& site = request.fetch_site;
    if (!site.empty() && site != "same-origin" && site != "none") return foreign("Sec-Fetch-Site " + site);
    if (!request.origin.empty() &&
        (authority_of(request.origin) != lower(request.host) || request.host.empty()))
        return foreign("Origin " + request.origin);
    return {};
}

Secret session_secret(const Request& request) {
    constexpr std::string_view bearer = "bearer ";
    if (lower(request.authorization.substr(0, bearer.size())) == bearer) {
        const auto text = trimmed(std::string_view(request.authorization).substr(bearer.size()));
        return {is_secret(text) ? std::string(text) : std::string{}, true};
    }
    for (const auto& part : split_text(request.cookie, ';')) {
        const auto pair = trimmed(part);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != session_cookie) continue;
        const auto text = pair.substr(equals + 1);
        return {is_secret(text) ? std::string(text) : std::string{}, false};
    }
    return {};
}

bool is_loopback(std::string_view address) {
    if (address.starts_with("::ffff:")) address.remove_prefix(7);
    return address == "::1" || address == "localhost" || address.starts_with("127.");
}

bool from_own_host(const Request& request) {
    // A name that begins with "127." may be a stranger's: the host must be an address, or localhost.
    const auto host = host_of(lower(request.host));
    const bool own_name = host == "localhost" ||
                          (is_loopback(host) && host.find_first_not_of("0123456789.:") == std::string::npos);
    return is_loopback(request.address) && own_name && !request.proxied;
}

}  // namespace bulkhead::console::http
