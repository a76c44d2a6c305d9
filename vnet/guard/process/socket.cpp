#include "vnet/guard/process/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "model/address.hpp"

namespace bulkhead::vnet::guard {
namespace {

constexpr int waiting_clients = 64;

Result<> set(int socket, int level, int option) {
    const int on = 1;
    if (::setsockopt(socket, level, option, &on, sizeof on) != 0)
        return fail_errno("can't set option " + std::to_string(option) + " of a socket");
    return {};
}

Result<> make_transparent(int socket, int family) {
    return family == AF_INET ? set(socket, IPPROTO_IP, IP_TRANSPARENT)
                             : set(socket, IPPROTO_IPV6, IPV6_TRANSPARENT);
}

Result<Fd> open_stream(int family) {
    Fd socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return fail_errno("can't open a socket");
    BULKHEAD_TRY(make_transparent(socket.get(), family));
    return socket;
}

struct Address {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
};

Address address_of(int family, std::uint16_t port) {
    Address address;
    if (family == AF_INET) {
        auto& in = reinterpret_cast<sockaddr_in&>(address.storage);
        in.sin_family = AF_INET;
        in.sin_port = ::htons(port);
        address.length = sizeof in;
    } else {
        auto& in = reinterpret_cast<sockaddr_in6&>(address.storage);
        in.sin6_family = AF_INET6;
        in.sin6_port = ::htons(port);
        address.length = sizeof in;
    }
    return address;
}

Result<Address> address_of(const End& end) {
    if (const auto ipv4 = model::parse_ipv4(end.address)) {
        Address address = address_of(AF_INET, end.port);
        reinterpret_cast<sockaddr_in&>(address.storage).sin_addr.s_addr = ::htonl(ipv4->bits);
        return address;
    }
    BULKHEAD_TRY_ASSIGN(const auto ipv6, model::parse_ipv6(end.address));
    Address address = address_of(AF_INET6, end.port);
    std::memcpy(&reinterpret_cast<sockaddr_in6&>(address.storage).sin6_addr, ipv6.bytes.data(),
                ipv6.bytes.size());
    return address;
}

End end_of(const Address& address) {
    if (address.storage.ss_family == AF_INET) {
        const auto& in = reinterpret_cast<const sockaddr_in&>(address.storage);
        return {to_string(model::Ipv4{::ntohl(in.sin_addr.s_addr)}), ::ntohs(in.sin_port)};
    }
    const auto& in = reinterpret_cast<const sockaddr_in6&>(address.storage);
    model::Ipv6 ipv6;
    std::memcpy(ipv6.bytes.data(), &in.sin6_addr, ipv6.bytes.size());
    return {to_string(ipv6), ::ntohs(in.sin6_port)};
}

Result<End> own_end(int socket) {
    Address own;
    if (::getsockname(socket, own.raw(), &own.length) != 0) return fail_errno("can't tell a socket's name");
    return end_of(own);
}

}  // namespace

Result<Fd> listen_everywhere(int family, std::uint16_t port) {
    BULKHEAD_TRY_ASSIGN(Fd socket, open_stream(family));
    BULKHEAD_TRY(set(socket.get(), SOL_SOCKET, SO_REUSEADDR));
    if (family == AF_INET6) BULKHEAD_TRY(set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY));
    Address everywhere = address_of(family, port);
    if (::bind(socket.get(), everywhere.raw(), everywhere.length) != 0 ||
        ::listen(socket.get(), waiting_clients) != 0)
        return fail_errno("can't listen on port " + std::to_string(port));
    return socket;
}

Result<Accepted> accept_from(int listener) {
    Address from;
    Fd socket(::accept4(listener, from.raw(), &from.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) return fail(Code::unavailable, "nobody waits");
    BULKHEAD_TRY(set(socket.get(), IPPROTO_TCP, TCP_NODELAY));
    BULKHEAD_TRY_ASSIGN(const End server, own_end(socket.get()));
    return Accepted{std::move(socket), end_of(from), server};
}

Result<Begun> begin_connection(const std::string& client, const End& server) {
    BULKHEAD_TRY_ASSIGN(Address from, address_of(End{client, 0}));
    BULKHEAD_TRY_ASSIGN(Address to, address_of(server));
    BULKHEAD_TRY_ASSIGN(Fd socket, open_stream(from.storage.ss_family));
    BULKHEAD_TRY(set(socket.get(), IPPROTO_TCP, TCP_NODELAY));
    // The port is chosen when it is known to whom: one port will do for many servers.
    BULKHEAD_TRY(set(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT));
    if (::bind(socket.get(), from.raw(), from.length) != 0)
        return fail_errno("can't speak for a client", client);
    if (::connect(socket.get(), to.raw(), to.length) != 0 && errno != EINPROGRESS)
        return fail_errno("can't connect to a server", server.address);
    BULKHEAD_TRY_ASSIGN(End own, own_end(socket.get()));
    return Begun{std::move(socket), std::move(own)};
}

int error_of(int socket) {
    int error = 0;
    socklen_t length = sizeof error;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

void reset_at_close(int socket) {
    const linger at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace bulkhead::vnet::guard
