#include "console/server/http/wire.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace bulkhead::console::http {
namespace {

int left_of(std::chrono::steady_clock::time_point until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

using NameOf = int (*)(int, sockaddr*, socklen_t*);

void read_name(NameOf name_of, int fd, std::string& ip, int& port) {
    sockaddr_storage storage{};
    socklen_t size = sizeof(storage);
    auto* address = reinterpret_cast<sockaddr*>(&storage);  // NOLINT: the sockets API
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> service{};
    if (name_of(fd, address, &size) != 0 ||
        getnameinfo(address, size, host.data(), host.size(), service.data(), service.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    ip = host.data();
    port = std::atoi(service.data());
}

}  // namespace

Wire::Wire(int fd, SSL_CTX* context, const WireLimits& limits) : fd_(fd), limits_(limits) {
    if (context == nullptr) return;
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), fd);
}

bool Wire::wait(Turn turn, Clock::time_point until) const {
    if (turn == Turn::end) return false;
    pollfd polled{fd_, static_cast<short>(turn == Turn::read ? POLLIN : POLLOUT), 0};
    int count = 0;
    do count = poll(&polled, 1, left_of(until));
    while (count < 0 && errno == EINTR);
    return count > 0;
}

Wire::Turn Wire::turn_after(int result) const {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return Turn::read;
        case SSL_ERROR_WANT_WRITE:
            return Turn::write;
        default:
            return Turn::end;
    }
}

bool Wire::greet() {
    if (!ssl_) return true;
    const auto until = Clock::now() + limits_.request;
    while (true) {
        ERR_clear_error();
        const int result = SSL_accept(ssl_.get());
        if (result == 1) return true;
        if (!wait(turn_after(result), until)) return false;
    }
}

bool Wire::await_request() {
    head_ = body_ = expected_ = 0;
    blank_ = 0;
    in_head_ = true;
    chunked_ = false;
    deadline_ = Clock::now() + limits_.idle;
    if (at_ == end_ && fill() <= 0) return false;
    deadline_ = Clock::now() + limits_.request;
    return true;
}

void Wire::expect_body(std::size_t length, bool chunked) {
    expected_ = length;
    chunked_ = chunked;
}

bool Wire::is_at_boundary() const {
    return !in_head_ && !chunked_ && body_ == expected_;
}

void Wire::say_goodbye() {
    if (!ssl_) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
}

ssize_t Wire::fill() {
    at_ = end_ = 0;
    while (true) {
        ssize_t got = 0;
        Turn turn = Turn::read;
        if (ssl_) {
            ERR_clear_error();
            got = SSL_read(ssl_.get(), buffer_.data(), static_cast<int>(buffer_.size()));
            if (got <= 0) turn = turn_after(static_cast<int>(got));
        } else {
            got = recv(fd_, buffer_.data(), buffer_.size(), 0);
            if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) turn = Turn::end;
        }
        if (got > 0) {
            end_ = static_cast<std::size_t>(got);
            return got;
        }
        // A peer that sends a byte now and then has no more time than any other.
        if (turn == Turn::end || !wait(turn, deadline_)) return -1;
    }
}

ssize_t Wire::read(char* bytes, size_t size) {
    if (Clock::now() > deadline_) return -1;
    if (at_ == end_ && fill() <= 0) return -1;
    size_t count = std::min(size, end_ - at_);
    const std::size_t room = in_head_ ? limits_.head - head_ : limits_.body - body_;
    if (room == 0) return -1;
    count = std::min(count, room);
    // The library reads heads byte by byte, so a head's end is the end of what it asked for.
    if (in_head_) {
        count = 1;
        const char byte = buffer_[at_];
        blank_ = byte == '\n' ? (blank_ == 2 ? 3 : 1) : (byte == '\r' && blank_ == 1 ? 2 : 0);
        in_head_ = blank_ != 3;
        ++head_;
    } else {
        body_ += count;
    }
    std::memcpy(bytes, buffer_.data() + at_, count);
    at_ += count;
    return static_cast<ssize_t>(count);
}

ssize_t Wire::write(const char* bytes, size_t size) {
    const auto until = Clock::now() + limits_.write;
    while (true) {
        ssize_t sent = 0;
        Turn turn = Turn::write;
        if (ssl_) {
            ERR_clear_error();
            // The same bytes must be offered again after WANT_...: they are, by this loop.
            sent = SSL_write(ssl_.get(), bytes, static_cast<int>(std::min<size_t>(size, 1 << 20)));
            if (sent <= 0) turn = turn_after(static_cast<int>(sent));
        } else {
            sent = send(fd_, bytes, size, MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN && errno != EINTR) turn = Turn::end;
        }
        if (sent > 0) return sent;
        if (!wait(turn, until)) return -1;
    }
}

bool Wire::is_readable() const {
    return at_ < end_ || wait(Turn::read, deadline_);
}

bool Wire::is_writable() const {
    pollfd polled{fd_, POLLOUT | POLLRDHUP, 0};
    const int count = poll(&polled, 1, left_of(Clock::now() + limits_.write));
    return count > 0 && (polled.revents & (POLLERR | POLLHUP | POLLRDHUP)) == 0;
}

void Wire::get_remote_ip_and_port(std::string& ip, int& port) const {
    read_name(getpeername, fd_, ip, port);
}
void Wire::get_local_ip_and_port(std::string& ip, int& port) const {
    read_name(getsockname, fd_, ip, port);
}

}  // namespace bulkhead::console::http
