// A query string's words as the requests of the control API. Unknown words are refused.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "bulkhead/v1alpha1/control.pb.h"
#include "console/server/http/exchange.hpp"

namespace bulkhead::console::http {

namespace api = bulkhead::v1alpha1;

// What follows the '?' of a request's target, decoded: a value may have a '=' of its own (label=line=3). What
// is no percent-encoding stays as it is. Past a bound that no request of ours needs, the rest is ignored.
Pairs decode_query(std::string_view target);

Result<api::ListRequest> list_request(const Pairs& query);
Result<api::ListEventsRequest> events_request(const Pairs& query);

struct Window {
    std::uint64_t before = 0;  // 0: from the newest on
    std::size_t limit = 100;
};
Result<Window> window(const Pairs& query);

struct LogWindow {
    std::uint32_t lines = 100;
    bool follow = true;
};
Result<LogWindow> log_window(const Pairs& query);

// No word at all.
Result<> no_query(const Pairs& query);

}  // namespace bulkhead::console::http
