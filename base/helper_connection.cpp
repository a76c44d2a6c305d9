#include "base/helper_connection.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <span>
#include <string>
#include <utility>

#include "base/process.hpp"
#include "base/text.hpp"
#include "base/unix_socket.hpp"

namespace bulkhead {
namespace {

using Steady = std::chrono::steady_clock;

}  // namespace

std::string config_id(std::string_view text) {
    std::array<char, 17> id{};
    std::snprintf(id.data(), id.size(), "%016llx", static_cast<unsigned long long>(stable_hash(text)));
    return id.data();
}

Result<HelperConnection> HelperConnection::open(const std::filesystem::path& control, std::string helper) {
    auto socket = connect_unix(control);
    // EAGAIN: so many wait already that it takes nobody any more (unix(7)).
    if (!socket && socket.error().code == Code::unavailable)
        return fail(Code::timeout, "the " + helper + " takes no connections", control.string());
    if (!socket) return fail(Code::unavailable, "no " + helper + " answers", control.string());
    BULKHEAD_TRY_ASSIGN(const Peer peer, peer_of(socket->get()));
    if (peer.uid != 0 && peer.uid != ::geteuid())
        return fail(Code::refused, "user " + std::to_string(peer.uid) + " serves the control socket",
                    control.string(), "root");
    Fd process = open_process(peer.pid);
    // While the connection stands the process does, so the number could not have gone to another one.
    pollfd hangup{socket->get(), POLLRDHUP, 0};
    if (!process || (::poll(&hangup, 1, 0) > 0 && (hangup.revents & (POLLHUP | POLLRDHUP)) != 0))
        return fail(Code::unavailable, "the " + helper + " has just ended", control.string());
    return HelperConnection(std::move(*socket), std::move(process), std::move(helper));
}

Result<std::string> HelperConnection::state(std::chrono::milliseconds deadline) {
    const auto end = Steady::now() + deadline;
    std::array<std::byte, 4096> chunk{};
    if (auto frame = reader_.next()) return std::move(frame->payload);
    // A state fits in one frame; one that trickles in or never comes whole meets a bound in time and size.
    for (std::size_t total = 0; total <= frame_payload_limit && ready_before(socket_.get(), end);) {
        const ssize_t got = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got <= 0) return fail(Code::unavailable, "the " + helper_ + " hung up");
        total += static_cast<std::size_t>(got);
        reader_.feed(std::span(chunk).first(static_cast<std::size_t>(got)));
        if (auto frame = reader_.next()) return std::move(frame->payload);
        if (Steady::now() >= end) break;
    }
    return fail(Code::timeout, "the " + helper_ + " told no state");
}

Result<> HelperConnection::ask(std::string_view request) {
    const std::string frame = encode_frame(0, request);
    if (::send(socket_.get(), frame.data(), frame.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(frame.size()))
        return fail(Code::unavailable, "the " + helper_ + " takes no request");
    return {};
}

Result<> HelperConnection::end(std::string_view request, std::chrono::milliseconds patience) {
    if (ask(request) && ready_before(process_.get(), Steady::now() + patience)) return {};
    return kill_process(process_, helper_);
}

}  // namespace bulkhead
