// One connection, as the HTTP library reads and writes it: with or without TLS, with a deadline for each
// request and bounds on what it may send. The library's own streams bound neither a request's time nor the
// sum of its headers, and use select(), which ends at descriptor 1023: a console with a thousand gateways has
// more. Includes the library: only wire.cpp and server.cpp include this.
#pragma once

#include <httplib.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>

namespace bulkhead::console::http {

struct WireLimits {
    std::chrono::milliseconds request;        // from its first byte to its last
    std::chrono::milliseconds idle{5'000};    // between requests
    std::chrono::milliseconds write{10'000};  // for the peer to take anything
    std::size_t head = std::size_t{32} * 1024;
    std::size_t body = std::size_t{4} * 1024 * 1024 + std::size_t{64} * 1024;  // as sent
};

class Wire : public httplib::Stream {
  public:
    // `context` null: no TLS. `fd` is non-blocking, and stays the caller's.
    Wire(int fd, SSL_CTX* context, const WireLimits& limits);

    bool secure() const { return ssl_ != nullptr; }
    // The TLS handshake; true at once without TLS.
    bool greet();
    // Waits for the next request; false: there is none.
    bool await_request();
    // What the head said of the body. With `chunked` the connection is closed after the answer.
    void expect_body(std::size_t length, bool chunked);
    // Whether the next request can be read where this one ended.
    bool is_at_boundary() const;
    void say_goodbye();

    bool is_readable() const override;
    bool is_writable() const override;
    ssize_t read(char* bytes, size_t size) override;
    ssize_t write(const char* bytes, size_t size) override;
    void get_remote_ip_and_port(std::string& ip, int& port) const override;
    void get_local_ip_and_port(std::string& ip, int& port) const override;
    // Not the descriptor: the library refuses large ones, for it would select() on them.
    socket_t socket() const override { return 0; }
    using httplib::Stream::write;

  private:
    using Clock = std::chrono::steady_clock;
    enum class Turn { read, write, end };
    bool wait(Turn turn, Clock::time_point until) const;
    ssize_t fill();  // buffer_ from the peer
    Turn turn_after(int result) const;

    struct FreeSsl {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    const int fd_;
    const WireLimits limits_;
    std::unique_ptr<SSL, FreeSsl> ssl_;
    std::array<char, 4096> buffer_{};
    std::size_t at_ = 0, end_ = 0;

    // Of the request that is being read.
    Clock::time_point deadline_;
    std::size_t head_ = 0, body_ = 0;  // bytes handed on
    std::size_t expected_ = 0;
    int blank_ = 0;  // how much of "\n\r\n", the end of the head, was seen last
    bool in_head_ = true, chunked_ = false;
};

}  // namespace bulkhead::console::http
