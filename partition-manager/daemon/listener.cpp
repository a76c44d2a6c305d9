#include "partition-manager/daemon/listener.hpp"

#include <grpcpp/server_posix.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.hpp"
#include "base/units.hpp"
#include "base/unix_socket.hpp"
#include "partition-manager/uplink/relay.hpp"

namespace bulkhead::daemon {
namespace {

bool may_connect(const Peer& peer) {
    return peer.uid == 0 || peer.uid == ::geteuid();
}

void accept_all(int socket, grpc::Server& server) {
    while (true) {
        Fd connection(::accept4(socket, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!connection) return;
        const auto peer = peer_of(connection.get());
        if (!peer || !may_connect(*peer)) {
            log::warning("refused a connection to the control socket",
                         {{"uid", peer ? std::to_string(peer->uid) : peer.error().text()}});
            continue;
        }
        grpc::AddInsecureChannelFromFd(&server, connection.release());
    }
}

}  // namespace

Result<Listener> Listener::open(Loop& loop, grpc::Server& server, const std::filesystem::path& path) {
    BULKHEAD_TRY_ASSIGN(Fd socket, listen_unix(path, 0600));
    const int fd = socket.get();
    BULKHEAD_TRY(loop.watch(fd, EPOLLIN, [fd, &server](std::uint32_t) { accept_all(fd, server); }));
    return Listener(loop, std::move(socket));
}

Listener::~Listener() {
    if (socket_) loop_->unwatch(socket_.get());
}

std::string actor_of(const grpc::ServerContext& context) {
    const std::string peer = context.peer();
    // Only the uplink has a channel inside the process; it says for whom the console asks.
    if (peer.starts_with("inproc")) {
        const auto& metadata = context.client_metadata();
        const auto actor = metadata.find(uplink::actor_key);
        return actor == metadata.end() ? "console" : std::string(actor->second.data(), actor->second.size());
    }
    if (peer.starts_with("fd:"))
        if (const auto fd = parse_number(std::string_view(peer).substr(3), 0, 1'000'000))
            if (const auto who = peer_of(static_cast<int>(*fd))) return "uid:" + std::to_string(who->uid);
    return "unknown";
}

}  // namespace bulkhead::daemon
