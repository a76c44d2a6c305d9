#include "guest-agent/ipv4.hpp"

#include <arpa/inet.h>

#include <cstring>

#include "base/text.hpp"

namespace bulkhead::agent {

Result<in_addr> parse_ipv4(const std::string& text) {
    in_addr address{};
    if (::inet_pton(AF_INET, text.c_str(), &address) != 1)
        return fail(Code::invalid, "'" + printable(text, 32) + "' is not an IPv4 address");
    return address;
}

sockaddr as_sockaddr(in_addr address) {
    sockaddr_in typed{};
    typed.sin_family = AF_INET;
    typed.sin_addr = address;
    sockaddr general{};
    std::memcpy(&general, &typed, sizeof general);
    return general;
}

Result<Fd> control_socket() {
    Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno("can't make a socket");
    return fd;
}

}  // namespace bulkhead::agent
