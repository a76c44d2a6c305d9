// What a stranger's request is decoded by, after the HTTP library: query words, bodies, envelopes, cookies,
// paths. Whatever the bytes, there is a value within its bounds, or an error of valid text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "console/server/http/body.hpp"
#include "console/server/http/json.hpp"
#include "console/server/http/origin.hpp"
#include "console/server/http/query.hpp"
#include "console/server/http/router.hpp"

namespace http = bulkhead::console::http;

namespace {

template <class T>
void check(const bulkhead::Result<T>& result) {
    if (result) return;
    const auto text = http::text_of(http::to_json(result.error()));
    if (bulkhead::first_invalid_utf8(text) || text.size() > 16384) std::abort();
}

// key NUL value NUL ...
http::Pairs pairs_of(const std::string& text) {
    http::Pairs pairs;
    const auto parts = bulkhead::split_text(text, '\0');
    for (std::size_t at = 0; at + 1 < parts.size(); at += 2) pairs.emplace_back(parts[at], parts[at + 1]);
    return pairs;
}

void read_query(const http::Pairs& pairs) {
    const auto list = http::list_request(pairs);
    check(list);
    if (list && (list->page_size() > 1000 || list->labels_size() > 16 || list->search().size() > 256))
        std::abort();
    check(http::events_request(pairs));
    check(http::window(pairs));
    check(http::log_window(pairs));
}

void decode_body(const std::string& text) {
    const auto body = http::Body::read(text, {"user", "lifetime_seconds"});
    check(body);
    if (body) {
        const auto user = body->text("user", 16);
        check(user);
        if (user && (user->empty() || user->size() > 16)) std::abort();
        const auto number = body->number("lifetime_seconds", 60, 600, 60);
        if (number && (*number < 60 || *number > 600)) std::abort();
    }
    check(http::gateway_of_envelope(text));
}

void decode_head(const std::string& text) {
    http::Request request{.method = "POST", .path = text, .host = text, .origin = text, .cookie = text};
    check(http::own_pages(request));
    if (http::session_secret(request).text.size() > 256) std::abort();
    request.authorization = text;
    if (http::session_secret(request).text.size() > 256) std::abort();
    if (http::from_own_host(request)) std::abort();  // it has no address
    static const http::Router router({{"GET", "/a/{b}", {}}, {"POST", "/a/{b}/c", {}}});
    const auto found = router.find("GET", text);
    if (const auto* route = std::get_if<http::Router::Found>(&found))
        if (route->names.at("b").empty() || route->names.at("b").size() > 253) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    read_query(pairs_of(text));
    read_query(http::decode_query("?" + text));
    decode_body(text);
    decode_head(text);
    return 0;
}
