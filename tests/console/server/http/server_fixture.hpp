// The server on a real socket over the fake fleet, and a client for it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <thread>

#include "base/fd.hpp"
#include "console/server/http/server.hpp"
#include "tests/console/server/http/fake_fleet.hpp"

namespace bulkhead::console {

using std::chrono::milliseconds;

// A client that says exactly what a test wants said.
class Peer {
  public:
    explicit Peer(std::uint16_t port, const char* from = "127.0.0.1")
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in own{};
        own.sin_family = AF_INET;
        inet_pton(AF_INET, from, &own.sin_addr);
        bind(fd_.get(), reinterpret_cast<sockaddr*>(&own), sizeof(own));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        timeval patience{.tv_sec = 30, .tv_usec = 0};
        setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        connected_ = connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    }
    bool connected() const { return connected_; }
    bool say(std::string_view text) {
        while (!text.empty()) {
            const auto sent = send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    // Until what was heard contains `end`, or the server has closed.
    std::string hear(const std::string& end) {
        std::size_t from = 0;
        while (true) {
            if (const auto at = heard_.find(end, from); at != std::string::npos) {
                auto text = heard_.substr(0, at + end.size());
                heard_.erase(0, at + end.size());
                return text;
            }
            char bytes[4096];
            const auto got = recv(fd_.get(), bytes, sizeof(bytes), 0);
            if (got <= 0) return std::exchange(heard_, {});
            heard_.append(bytes, static_cast<std::size_t>(got));
        }
    }
    // Up to the end of the next event of a stream, past the beats between events; or the last of many beats.
    std::string hear_event() {
        auto text = hear("\n\n");
        for (int beats = 0; beats < 500 && text.ends_with(":\n\n"); ++beats) text = hear("\n\n");
        return text;
    }
    std::string hear_all() { return hear("\n\n\n no server says this \n\n\n"); }
    bool is_closed_by_server() { return hear_all().empty(); }
    void leave() { fd_.reset(); }

  private:
    Fd fd_;
    bool connected_ = false;
    std::string heard_;
};

inline std::string get(const std::string& path, const std::string& user = "ida",
                       const std::string& more = {}) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer session-" + user + "\r\n" + more +
           "\r\n";
}

class HttpServerTest : public testing::Test {
  protected:
    void start(const HttpOptions& options) {
        auto opened = HttpServer::open(fleet_, options);
        ASSERT_TRUE(opened) << opened.error().text();
        server_ = *std::move(opened);
        running_ = std::jthread([this] { server_->run(); });
    }
    void SetUp() override { start(options()); }
    static HttpOptions options() {
        HttpOptions options;
        options.limits.streams = 3;
        options.limits.beat = milliseconds(50);
        options.limits.operation = milliseconds(2000);
        options.request_time = milliseconds(500);
        return options;
    }
    void start_anew(const HttpOptions& options) {
        server_->stop();
        running_.join();
        start(options);
    }
    void TearDown() override {
        if (server_) server_->stop();
    }
    std::string ask(const std::string& text) {
        Peer peer(server_->port());
        peer.say(text);
        auto answer = peer.hear("\r\n\r\n");
        return answer.substr(0, answer.find("\r\n"));
    }
    bool answers() { return ask(get("/healthz")).contains(" 200 "); }

    FakeFleet fleet_;
    std::unique_ptr<HttpServer> server_;
    std::jthread running_;
};

}  // namespace bulkhead::console
