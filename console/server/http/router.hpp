// The table of routes: one line each, matched by whole segments.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "console/server/http/exchange.hpp"
#include "console/server/viewer.hpp"

namespace bulkhead::console::http {

// A request that found its route, and who asks.
struct Call {
    const Request& request;
    std::map<std::string, std::string, std::less<>> names;  // {gateway}, ...
    std::string session;                                    // the secret; empty: not signed in
    Viewer viewer;

    const std::string& name(std::string_view key) const { return names.find(key)->second; }
};

enum class Access {
    open,       // no sign-in
    signed_in,  // what the viewer may is for Fleet to say
    own_host,   // no sign-in from the console's own host
};

inline constexpr std::size_t small_body = std::size_t{64} * 1024;
inline constexpr std::size_t large_body = std::size_t{4} * 1024 * 1024;

struct Route {
    std::string method;
    std::string pattern;  // /api/v1/gateways/{gateway}
    std::function<Response(const Call&)> handle;
    Access access = Access::signed_in;
    std::size_t body_limit = small_body;  // bytes
};

class Router {
  public:
    explicit Router(std::vector<Route> routes);

    struct Found {
        const Route* route;
        std::map<std::string, std::string, std::less<>> names;
    };
    struct WrongMethod {
        std::string allowed;  // GET, POST
    };
    struct Nothing {};
    // HEAD is answered as GET.
    std::variant<Found, WrongMethod, Nothing> find(std::string_view method, std::string_view path) const;

    const std::vector<Route>& routes() const { return routes_; }

  private:
    std::vector<Route> routes_;
};

}  // namespace bulkhead::console::http
