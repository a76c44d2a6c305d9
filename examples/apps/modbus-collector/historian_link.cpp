#include "historian_link.hpp"

#include <arpa/inet.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace modbus_collector {
namespace {

constexpr std::chrono::seconds pause(5);

template <class Address>
std::optional<Target> target_of(const Address& address) {
    Target target;
    std::memcpy(&target.address, &address, sizeof address);
    target.size = sizeof address;
    return target;
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || port == 0)
        return std::nullopt;
    auto host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        sockaddr_in6 six{};
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(port);
        const std::string inner(host.substr(1, host.size() - 2));
        return ::inet_pton(AF_INET6, inner.c_str(), &six.sin6_addr) == 1 ? target_of(six) : std::nullopt;
    }
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    return ::inet_pton(AF_INET, std::string(host).c_str(), &four.sin_addr) == 1 ? target_of(four)
                                                                                : std::nullopt;
}

HistorianLink::~HistorianLink() {
    close();
}

void HistorianLink::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

void HistorianLink::connect(Time now) {
    if (now < next_try_) return;
    next_try_ = now + pause;
    fd_ = ::socket(target_.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const auto* address = reinterpret_cast<const sockaddr*>(&target_.address);
    if (fd_ >= 0 && ::connect(fd_, address, target_.size) != 0 && errno != EINPROGRESS) close();
}

void HistorianLink::send(const std::string& line, Time now) {
    if (fd_ < 0) connect(now);
    if (fd_ < 0) return;
    const std::string text = line + "\n";
    const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    const bool is_on_its_way = sent < 0 && (errno == EAGAIN || errno == ENOTCONN);
    // A part of a line would spoil the next one.
    if (sent != static_cast<ssize_t>(text.size()) && !is_on_its_way) close();
}

}  // namespace modbus_collector
