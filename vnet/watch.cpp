#include "vnet/watch.hpp"

#include <linux/rtnetlink.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace bulkhead::vnet {

void Watch::Free::operator()(nl_sock* socket) const {
    nl_socket_free(socket);
}

Result<Watch> Watch::open() {
    Watch watch(nl_socket_alloc());
    if (!watch.socket_) return fail(Code::internal, "no memory for a netlink socket");
    nl_sock* socket = watch.socket_.get();
    nl_socket_disable_seq_check(socket);
    int result = nl_connect(socket, NETLINK_ROUTE);
    if (result == 0) result = nl_socket_add_memberships(socket, RTNLGRP_LINK, RTNLGRP_TC, 0);
    if (result == 0) result = nl_socket_set_nonblocking(socket);
    if (result != 0)
        return fail(Code::io, std::string("can't watch the network interfaces: ") + nl_geterror(result));
    return watch;
}

int Watch::fd() const {
    return nl_socket_get_fd(socket_.get());
}

bool Watch::drain() {
    bool something = false;
    std::array<char, 16384> message{};
    while (true) {
        const ssize_t got = ::recv(fd(), message.data(), message.size(), MSG_DONTWAIT);
        if (got > 0) {
            something = true;
        } else if (got < 0 && errno == ENOBUFS) {
            something = true;  // more happened than there was room for
        } else if (got >= 0 || errno != EINTR) {
            return something;
        }
    }
}

}  // namespace bulkhead::vnet
