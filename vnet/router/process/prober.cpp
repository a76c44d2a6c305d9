#include "vnet/router/process/prober.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "base/log.hpp"

namespace bulkhead::vnet::router {
namespace {

// RFC 1071.
std::uint16_t checksum(std::span<const std::uint8_t> data) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < data.size(); i += 2)
        sum += static_cast<std::uint32_t>(data[i] << 8 | data[i + 1]);
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

std::uint16_t identifier() {
    return static_cast<std::uint16_t>(::getpid());
}

std::array<std::uint8_t, 8> echo_request(std::uint16_t sequence) {
    std::array<std::uint8_t, 8> request{ICMP_ECHO,
                                        0,
                                        0,
                                        0,
                                        static_cast<std::uint8_t>(identifier() >> 8),
                                        static_cast<std::uint8_t>(identifier()),
                                        static_cast<std::uint8_t>(sequence >> 8),
                                        static_cast<std::uint8_t>(sequence)};
    const auto sum = checksum(request);
    request[2] = static_cast<std::uint8_t>(sum >> 8);
    request[3] = static_cast<std::uint8_t>(sum);
    return request;
}

bool is_icmp(const model::ProbeTarget& target) {
    return target.service.transport == model::Transport::icmp;
}

}  // namespace

Prober::Prober(Loop& loop, model::RouterUplink uplink, std::function<void()> changed)
    : loop_(loop), uplink_(std::move(uplink)), changed_(std::move(changed)), health_(uplink_.probe.failures) {
    if (uplink_.probe.targets.empty()) return;
    begin_round();
    timer_ = loop_.every(uplink_.probe.period, [this] { end_round(); });
}

Prober::~Prober() {
    loop_.cancel(timer_);
    forget_round();
}

void Prober::forget_round() {
    for (const auto& [fd, socket] : asked_) loop_.unwatch(fd);
    asked_.clear();
}

void Prober::begin_round() {
    answered_ = false;
    ++sequence_;
    for (const auto& target : uplink_.probe.targets) {
        auto socket = ask(target);
        if (!socket) continue;  // the way is not there: that is what a probe is to find out
        const int fd = socket->get();
        const auto watched =
            loop_.watch(fd, is_icmp(target) ? EPOLLIN : EPOLLOUT, [this, fd, target](std::uint32_t) {
                if (has_answered(fd, target)) answered_ = true;
            });
        if (watched) asked_.emplace(fd, std::move(*socket));
    }
}

void Prober::end_round() {
    forget_round();
    const bool changed = health_.note(answered_);
    if (changed)
        log::warning(health_.healthy() ? "an uplink is back" : "an uplink leads nowhere",
                     {{"uplink", uplink_.name.str()}});
    begin_round();
    if (changed) changed_();
}

Result<Fd> Prober::ask(const model::ProbeTarget& target) {
    const auto leg = uplink_.leg.str();
    Fd socket(is_icmp(target) ? ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP)
                              : ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, leg.c_str(),
                                static_cast<socklen_t>(leg.size())) != 0)
        return fail_errno("can't make a probe", leg);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(target.address.bits);
    to.sin_port = htons(target.service.port);
    const auto* address = reinterpret_cast<const sockaddr*>(&to);
    if (is_icmp(target)) {
        const auto request = echo_request(sequence_);
        if (::sendto(socket.get(), request.data(), request.size(), 0, address, sizeof to) < 0)
            return fail_errno("can't send a probe", leg);
    } else if (::connect(socket.get(), address, sizeof to) != 0 && errno != EINPROGRESS) {
        return fail_errno("can't send a probe", leg);
    }
    return socket;
}

bool Prober::has_answered(int fd, const model::ProbeTarget& target) {
    if (!is_icmp(target)) {
        int error = 0;
        socklen_t size = sizeof error;
        loop_.unwatch(fd);
        return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    }
    std::array<std::uint8_t, 576> packet{};
    const ssize_t got = ::recv(fd, packet.data(), packet.size(), 0);
    if (got < static_cast<ssize_t>(sizeof(iphdr))) return false;
    const std::size_t header = (packet[0] & 0xFU) * 4U;
    in_addr from{};
    std::memcpy(&from, packet.data() + offsetof(iphdr, saddr), sizeof from);
    if (static_cast<std::size_t>(got) < header + 8 || ntohl(from.s_addr) != target.address.bits) return false;
    const auto wanted = echo_request(sequence_);
    return packet[header] == ICMP_ECHOREPLY && std::memcmp(&packet[header + 4], &wanted[4], 4) == 0;
}

}  // namespace bulkhead::vnet::router
