// Where a request comes from: whose pages, whose session, which host.
#pragma once

#include <string>

#include "base/error.hpp"
#include "console/server/http/exchange.hpp"

namespace bulkhead::console::http {

// A page of another site may not change anything in the name of who is signed in here. Browsers say which
// page it was (Sec-Fetch-Site, Origin); scripts say nothing. SameSite=Strict is the first fence, this the
// second.
Result<> own_pages(const Request& request);

struct Secret {
    std::string text;  // empty: none
    bool bearer = false;
};
// The Bearer header or else the cookie. Longer than any session is none.
Secret session_secret(const Request& request);

// From this very host, by its own name, not passed on by a proxy, and not asked for by a page whose name was
// made to point here (DNS rebinding).
bool from_own_host(const Request& request);

bool is_loopback(std::string_view address);  // 127.0.0.0/8, ::1, localhost

}  // namespace bulkhead::console::http
