#include "base/listener.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "base/log.hpp"
#include "base/unix_socket.hpp"

namespace bulkhead {

Listener::~Listener() {
    loop_.cancel(timer_);
    if (socket_) loop_.unwatch(socket_.get());
}

Result<> Listener::open(const std::filesystem::path& path, std::optional<uid_t> user,
                        std::chrono::milliseconds pause, Accepted accepted) {
    const std::filesystem::path beside = path.string() + ".new";
    BULKHEAD_TRY_ASSIGN(socket_, listen_unix(beside, 0600));
    if (user && ::chown(beside.c_str(), *user, static_cast<gid_t>(-1)) != 0)
        return fail_errno("can't give the socket to its user", beside.string());
    if (::rename(beside.c_str(), path.c_str()) != 0)
        return fail_errno("can't move the socket into place", path.string());
    accepted_ = std::move(accepted);
    return loop_.watch(socket_.get(), EPOLLIN, [this, user, pause](std::uint32_t) { on_ready(user, pause); });
}

void Listener::on_ready(std::optional<uid_t> user, std::chrono::milliseconds pause) {
    Fd client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    // Out of descriptors or aborted: the pause keeps a level-triggered loop from spinning on it.
    [[maybe_unused]] const auto paused = loop_.rewatch(socket_.get(), 0);
    loop_.cancel(timer_);
    timer_ = loop_.after(
        pause, [this] { [[maybe_unused]] const auto resumed = loop_.rewatch(socket_.get(), EPOLLIN); });
    if (!client) return;
    const auto peer = peer_of(client.get());
    if (!peer || (peer->uid != 0 && peer->uid != user)) {
        log::warning("refused a connection: not a user of this socket",
                     {{"uid", peer ? std::to_string(peer->uid) : "unknown"}});
        return;
    }
    accepted_(std::move(client));
}

}  // namespace bulkhead
