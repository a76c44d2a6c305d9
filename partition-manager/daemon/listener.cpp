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

// By the listener, which hands gRPC "fd:N", or within the process, which the uplink alone does: it says for
// whom the console asks. What is not surely a connection at the socket has the smaller rights: gRPC 1.51
// calls a peer within the process "unknown", others "inproc".
bool is_relayed(const grpc::ServerContext& context) {
    return !context.peer().starts_with("fd:");
}

std::string said(const grpc::ServerContext& context, const char* key) {
    const auto found = context.client_metadata().find(key);
    return found == context.client_metadata().end() ? std::string()
                                                    : std::string(found->second.data(), found->second.size());
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
    if (is_relayed(context)) {
        const auto actor = said(context, uplink::actor_key);
        return actor.empty() ? "console" : actor;
    }
    const std::string peer = context.peer();
    if (const auto fd = parse_number(std::string_view(peer).substr(3), 0, 1'000'000))
        if (const auto who = peer_of(static_cast<int>(*fd))) return "uid:" + std::to_string(who->uid);
    return "unknown";
}

Caller caller_of(const grpc::ServerContext& context) {
    // Whoever names a tenant is bound to it.
    return {actor_of(context), is_relayed(context), model::TenantName(said(context, uplink::tenant_key))};
}

}  // namespace bulkhead::daemon
