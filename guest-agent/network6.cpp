#include "guest-agent/network6.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::agent {
namespace {

// struct in6_ifreq of linux/ipv6.h, which does not go with the C library's headers.
struct AddressRequest {
    in6_addr address{};
    std::uint32_t length = 0;
    int interface = 0;
};

// By it we know routes of ours again.
constexpr std::uint32_t metric = 66;

struct In6Less {
    bool operator()(const in6_addr& a, const in6_addr& b) const { return std::memcmp(&a, &b, sizeof a) < 0; }
};
using Addresses = std::set<in6_addr, In6Less>;

Result<in6_addr> parse_address(const std::string& text) {
    in6_addr address{};
    if (::inet_pton(AF_INET6, text.c_str(), &address) != 1)
        return fail(Code::invalid, "'" + printable(text, 64) + "' is not an IPv6 address");
    return address;
}

Result<Fd> control_socket() {
    Fd fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno("can't make an IPv6 socket");
    return fd;
}

Result<> write_setting(const std::string& interface, const char* name, const char* value) {
    const std::string path = "/proc/sys/net/ipv6/conf/" + interface + "/" + name;
    const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || ::write(file.get(), value, std::strlen(value)) < 0) return fail_errno("can't write", path);
    return {};
}

Result<> set_address(const Fd& socket, const std::string& interface, const std::string& text) {
    const auto parts = split_text(text, '/');
    const auto length = parts.size() == 2 ? parse_number(parts[1], 1, 128) : parse_number("", 0, 0);
    if (!length)
        return fail(Code::invalid, "'" + printable(text, 64) + "' is not an address with its length");
    BULKHEAD_TRY_ASSIGN(const in6_addr address, parse_address(parts[0]));
    const AddressRequest request{address, static_cast<std::uint32_t>(*length),
                                 static_cast<int>(::if_nametoindex(interface.c_str()))};
    if (::ioctl(socket.get(), SIOCSIFADDR, &request) != 0 && errno != EEXIST)
        return fail_errno("can't set the IPv6 address", interface);
    return {};
}

Result<> change_route(const Fd& socket, const std::string& interface, const in6_addr& peer, bool add) {
    in6_rtmsg route{};
    route.rtmsg_dst = peer;
    route.rtmsg_dst_len = 128;
    route.rtmsg_metric = metric;
    route.rtmsg_flags = RTF_UP | RTF_HOST;
    route.rtmsg_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
    if (::ioctl(socket.get(), add ? SIOCADDRT : SIOCDELRT, &route) != 0 && errno != (add ? EEXIST : ESRCH))
        return fail_errno("can't change an IPv6 route", interface);
    return {};
}

// Routes of ours: lines of /proc/net/ipv6_route, all numbers in hexadecimal.
Addresses routes_of(const std::string& interface) {
    Addresses found;
    std::ifstream lines("/proc/net/ipv6_route");
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::vector<std::string> field;
        for (std::string each; fields >> each;) field.push_back(each);
        if (field.size() != 10 || field[9] != interface || field[1] != "80" || field[0].size() != 32)
            continue;
        if (std::strtoul(field[5].c_str(), nullptr, 16) != metric) continue;
        in6_addr address{};
        for (std::size_t i = 0; i < 16; ++i)
            address.s6_addr[i] =
                static_cast<std::uint8_t>(std::stoul(field[0].substr(2 * i, 2), nullptr, 16));
        found.insert(address);
    }
    return found;
}

}  // namespace

Result<> prepare_ipv6(const std::string& interface, const v1::Interface& wanted) {
    if (::access("/proc/sys/net/ipv6", F_OK) != 0) {
        if (wanted.address6().empty()) return {};
        return fail(Code::unsupported, "the guest's kernel has no IPv6", interface);
    }
    BULKHEAD_TRY(write_setting(interface, "disable_ipv6", wanted.address6().empty() ? "1" : "0"));
    for (const char* name : {"accept_ra", "autoconf", "accept_redirects", "accept_dad"})
        BULKHEAD_TRY(write_setting(interface, name, "0"));
    return {};
}

Result<> set_up_ipv6(const std::string& interface, const v1::Interface& wanted) {
    if (wanted.address6().empty()) return {};
    BULKHEAD_TRY_ASSIGN(const Fd socket, control_socket());
    BULKHEAD_TRY(set_address(socket, interface, wanted.address6()));
    Addresses peers;
    for (const auto& text : wanted.routes6()) {
        BULKHEAD_TRY_ASSIGN(const in6_addr peer, parse_address(text));
        peers.insert(peer);
    }
    for (const in6_addr& stale : routes_of(interface))
        if (!peers.contains(stale)) BULKHEAD_TRY(change_route(socket, interface, stale, false));
    for (const in6_addr& peer : peers) BULKHEAD_TRY(change_route(socket, interface, peer, true));
    return {};
}

}  // namespace bulkhead::agent
