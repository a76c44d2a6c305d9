// The console's HTTP server: REST API, metrics, web UI. Everything that a stranger can send is bounded: see
// connection.hpp for time and size of a request, Api for streams and bodies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "console/server/fleet.hpp"
#include "console/server/http/api.hpp"

namespace bulkhead::console {

struct HttpOptions {
    std::string address = "127.0.0.1";  // an IP address, or localhost; any other than loopback needs TLS
    std::uint16_t port = 0;             // 0: any that is free
    std::filesystem::path assets;       // of the built web UI; empty: none
    std::filesystem::path certificate;  // PEM, with its chain, read again when it changes; empty: no TLS
    std::filesystem::path key;          // PEM
    http::ApiLimits limits;
    std::chrono::milliseconds request_time{20'000};  // to send a whole request
};

class HttpServer {
  public:
    // Bound when it returns. Code::refused for a foreign address without TLS; Code::unavailable if the
    // address is taken.
    static Result<std::unique_ptr<HttpServer>> open(Fleet& fleet, HttpOptions options);
    ~HttpServer();

    std::uint16_t port() const;
    std::string url() const;  // http://127.0.0.1:8080
    // Serves until stop(), which may be called from any thread, and before.
    void run();
    void stop();

  private:
    struct Inside;
    explicit HttpServer(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

}  // namespace bulkhead::console
