// A call that a gateway answers and ends, asked for a person and waited for.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <vector>

#include "console/server/fleet.hpp"
#include "console/server/http/streams.hpp"

namespace bulkhead::console::http {

struct Asked {
    std::string gateway;
    std::string partition;  // empty: the request says what it is about
    std::string method;     // of Control
    std::string request;    // serialised
};

// The messages of a call that ended well, or why it did not. Code::timeout: the gateway goes on.
std::expected<std::vector<std::string>, Errors> ask(Fleet& fleet, Streams& streams, const Viewer& viewer,
                                                    const Asked& asked, std::chrono::milliseconds patience);

}  // namespace bulkhead::console::http
