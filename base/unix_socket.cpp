#include "base/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bulkhead {
namespace {

Result<sockaddr_un> address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = path.string();
    if (text.empty() || text.size() >= sizeof address.sun_path)
        return fail(Code::invalid, "the socket's path is too long", text,
                    "fewer than " + std::to_string(sizeof address.sun_path) + " characters");
    std::memcpy(address.sun_path, text.data(), text.size());
    return address;
}

}  // namespace

Result<Fd> connect_unix(const std::filesystem::path& path) {
    BULKHEAD_TRY_ASSIGN(const sockaddr_un address, address_of(path));
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno("can't make a socket", path.string());
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("can't connect", path.string());
    return fd;
}

Result<Fd> listen_unix(const std::filesystem::path& path, unsigned mode) {
    BULKHEAD_TRY_ASSIGN(const sockaddr_un address, address_of(path));
    if (connect_unix(path))
        return fail(Code::conflict, "another process listens here already", path.string());
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno("can't replace", path.string());
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno("can't make a socket", path.string());
    const mode_t before = ::umask(0777 & ~mode);
    const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::umask(before);
    if (bound != 0) return fail_errno("can't bind", path.string());
    if (::listen(fd.get(), 16) != 0) return fail_errno("can't listen", path.string());
    return fd;
}

Result<Peer> peer_of(int socket) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
        return fail_errno("can't tell who the peer is");
    return Peer{credentials.pid, credentials.uid, credentials.gid};
}

}  // namespace bulkhead
