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

struct Route6 {
    in6_addr network{};
    std::uint16_t length = 128;
    in6_addr gateway{};  // ::, and it is on the interface itself
    bool operator<(const Route6& other) const {
        const int networks = std::memcmp(&network, &other.network, sizeof network);
        if (networks != 0 || length != other.length)
            return networks != 0 ? networks < 0 : length < other.length;
        return std::memcmp(&gateway, &other.gateway, sizeof gateway) < 0;
    }
};
using Routes6 = std::set<Route6>;

Result<in6_addr> parse_ipv6(const std::string& text) {
    in6_addr address{};
    if (::inet_pton(AF_INET6, text.c_str(), &address) != 1)
        return fail(Code::invalid, "'" + printable(text, 64) + "' is not an IPv6 address");
    return address;
}

Result<Fd> control_socket6() {
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
    BULKHEAD_TRY_ASSIGN(const in6_addr address, parse_ipv6(parts[0]));
    const AddressRequest request{address, static_cast<std::uint32_t>(*length),
                                 static_cast<int>(::if_nametoindex(interface.c_str()))};
    if (::ioctl(socket.get(), SIOCSIFADDR, &request) != 0 && errno != EEXIST)
        return fail_errno("can't set the IPv6 address", interface);
    return {};
}

Result<> change_route(const Fd& socket, const std::string& interface, const Route6& wanted, bool add) {
    in6_rtmsg route{};
    route.rtmsg_dst = wanted.network;
    route.rtmsg_dst_len = wanted.length;
    route.rtmsg_gateway = wanted.gateway;
    route.rtmsg_metric = metric;
    const bool routed = !IN6_IS_ADDR_UNSPECIFIED(&wanted.gateway);
    route.rtmsg_flags = RTF_UP | (routed ? RTF_GATEWAY : 0) | (wanted.length == 128 ? RTF_HOST : 0);
    route.rtmsg_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
    if (::ioctl(socket.get(), add ? SIOCADDRT : SIOCDELRT, &route) != 0 && errno != (add ? EEXIST : ESRCH))
        return fail_errno("can't change an IPv6 route", interface);
    return {};
}

in6_addr address_of(const std::string& digits) {
    in6_addr address{};
    for (std::size_t i = 0; i < 16; ++i)
        address.s6_addr[i] = static_cast<std::uint8_t>(std::stoul(digits.substr(2 * i, 2), nullptr, 16));
    return address;
}

// Routes of ours: lines of /proc/net/ipv6_route, all numbers in hexadecimal.
Routes6 routes6_of(const std::string& interface) {
    Routes6 found;
    std::ifstream lines("/proc/net/ipv6_route");
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::vector<std::string> field;
        for (std::string each; fields >> each;) field.push_back(each);
        if (field.size() != 10 || field[9] != interface || field[0].size() != 32 || field[4].size() != 32)
            continue;
        if (std::strtoul(field[5].c_str(), nullptr, 16) != metric) continue;
        found.insert({address_of(field[0]),
                      static_cast<std::uint16_t>(std::strtoul(field[1].c_str(), nullptr, 16)),
                      address_of(field[4])});
    }
    return found;
}

Result<Route6> parse_route6(const std::string& prefix, const std::string& gateway) {
    const auto parts = split_text(prefix, '/');
    const auto length = parts.size() == 2 ? parse_number(parts[1], 0, 128) : parse_number("", 0, 0);
    if (!length)
        return fail(Code::invalid, "'" + printable(prefix, 64) + "' is not a prefix", {}, "2001:db8:7::/48");
    BULKHEAD_TRY_ASSIGN(const in6_addr network, parse_ipv6(parts[0]));
    BULKHEAD_TRY_ASSIGN(const in6_addr next, parse_ipv6(gateway));
    return Route6{network, static_cast<std::uint16_t>(*length), next};
}

// Peers that the switch answers for, and what is beyond the zone's router.
Result<Routes6> routes6_for(const v1::Interface& wanted) {
    Routes6 routes;
    for (const auto& text : wanted.routes6()) {
        BULKHEAD_TRY_ASSIGN(const in6_addr peer, parse_ipv6(text));
        routes.insert({peer, 128, {}});
    }
    for (const auto& text : wanted.outside6()) {
        BULKHEAD_TRY_ASSIGN(const Route6 route, parse_route6(text, wanted.gateway6()));
        routes.insert(route);
    }
    return routes;
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
    BULKHEAD_TRY_ASSIGN(const Fd socket, control_socket6());
    BULKHEAD_TRY(set_address(socket, interface, wanted.address6()));
    BULKHEAD_TRY_ASSIGN(const Routes6 routes, routes6_for(wanted));
    const Routes6 there = routes6_of(interface);
    for (const Route6& stale : there)
        if (!routes.contains(stale)) BULKHEAD_TRY(change_route(socket, interface, stale, false));
    for (const Route6& route : routes)
        if (!there.contains(route)) BULKHEAD_TRY(change_route(socket, interface, route, true));
    return {};
}

}  // namespace bulkhead::agent
