// Unix stream sockets, and who is at the other end.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead {

// Binds and listens, non-blocking. A stale socket file of a dead process is replaced; one that a living
// process answers on is Code::conflict.
Result<Fd> listen_unix(const std::filesystem::path& path, unsigned mode);

// Connects without blocking the caller for long; the socket is non-blocking afterwards.
Result<Fd> connect_unix(const std::filesystem::path& path);

struct Peer {
    pid_t pid = 0;
    uid_t uid = 0;
    gid_t gid = 0;
};

// SO_PEERCRED, unix(7).
Result<Peer> peer_of(int socket);

}  // namespace bulkhead
