// The REST API and the web UI, without a socket: a request in, an answer out. From any thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "console/server/fleet.hpp"
#include "console/server/http/assets.hpp"
#include "console/server/http/router.hpp"
#include "console/server/http/serial_consoles.hpp"
#include "console/server/http/streams.hpp"

namespace bulkhead::console::http {

struct ApiLimits {
    std::size_t streams = 64;
    std::size_t streams_of_a_user = 16;            // a window of the web UI has two at most
    std::chrono::milliseconds beat{10'000};        // of streams
    std::chrono::milliseconds operation{120'000};  // start, stop, restart, lock, test of a line
    std::chrono::milliseconds unread{30'000};      // a serial console that nobody reads
};

class Api {
  public:
    Api(Fleet& fleet, Assets assets, const ApiLimits& limits);

    // The answer, with all its headers.
    Response answer(const Request& request);
    // How large the body of such a request may be; 0: there is none.
    std::size_t body_limit(std::string_view method, std::string_view path) const;
    const std::vector<Route>& routes() const { return router_.routes(); }
    // All streams and all who wait end.
    void stop() { streams_.stop(); }

  private:
    Response routed(const Request& request);
    Response dispatched(const Request& request, Router::Found found);

    Fleet& fleet_;
    Assets assets_;
    Streams streams_;
    SerialConsoles consoles_;
    Router router_;
};

}  // namespace bulkhead::console::http
