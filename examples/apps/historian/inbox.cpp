#include "inbox.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace historian {
namespace {

// A dual-stack socket; where the partition has no IPv6, one of IPv4.
int open_socket(std::uint16_t port) {
    const int six = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    if (six >= 0) {
        const int off = 0;
        sockaddr_in6 any{};
        any.sin6_family = AF_INET6;
        any.sin6_port = htons(port);
        if (::setsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0 &&
            ::setsockopt(six, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
            ::bind(six, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0)
            return six;
        ::close(six);
    }
    const int four = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_port = htons(port);
    if (four >= 0 && ::setsockopt(four, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        ::bind(four, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0)
        return four;
    if (four >= 0) ::close(four);
    return -1;
}

}  // namespace

Inbox::~Inbox() {
    for (const auto& connection : connections_) ::close(connection.fd);
    if (listening_ >= 0) ::close(listening_);
}

bool Inbox::listen(std::uint16_t port) {
    listening_ = open_socket(port);
    return listening_ >= 0 && ::listen(listening_, most_connections) == 0;
}

std::uint16_t Inbox::port() const {
    sockaddr_in6 bound{};  // the port is at the same place in both families
    socklen_t size = sizeof bound;
    if (::getsockname(listening_, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
    return ntohs(bound.sin6_port);
}

void Inbox::take_new() {
    const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    if (connections_.size() < most_connections)
        connections_.push_back({fd, {}});
    else
        ::close(fd);
}

bool Inbox::take_from(Connection& connection) {
    std::array<char, 1024> bytes{};
    const ssize_t got = ::read(connection.fd, bytes.data(), bytes.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    for (const char c : std::string_view(bytes.data(), static_cast<std::size_t>(got))) {
        if (c == '\n') {
            if (!connection.line.empty()) on_line_(connection.line);
            connection.line.clear();
        } else if (c >= ' ' && c <= '~' && connection.line.size() < longest_line) {
            connection.line += c;
        }
    }
    return got > 0;
}

void Inbox::serve(int milliseconds) {
    std::vector<pollfd> ready{{listening_, POLLIN, 0}};
    for (const auto& connection : connections_) ready.push_back({connection.fd, POLLIN, 0});
    if (::poll(ready.data(), ready.size(), milliseconds) <= 0) return;
    for (std::size_t i = ready.size() - 1; i > 0; --i) {
        auto& connection = connections_[i - 1];
        if (ready[i].revents == 0 || take_from(connection)) continue;
        ::close(connection.fd);
        connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i) - 1);
    }
    if (ready[0].revents != 0) take_new();
}

}  // namespace historian
