// A request and its answer, as our handlers see them: nothing of the HTTP library, so that handlers are
// tested and fuzzed without a socket.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulkhead::console::http {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method;
    std::string path;  // decoded
    Pairs query;       // decoded
    std::string body;
    std::string address;   // of the peer, without port
    bool secure = false;   // came by TLS
    bool proxied = false;  // someone says that it came by way of another host
    std::string host, origin, fetch_site, cookie, authorization, if_none_match;
};

// A server-sent events body. One reader.
class EventSource {
  public:
    virtual ~EventSource() = default;
    // Waits for text to send; nullopt: the end.
    virtual std::optional<std::string> next() = 0;
};

struct Response {
    int status = 200;
    std::string type = "application/json";
    std::string body;
    Pairs headers;
    std::unique_ptr<EventSource> events;  // if set, in place of the body
};

}  // namespace bulkhead::console::http
