#include "guest-agent/routes.hpp"

#include <arpa/inet.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <tuple>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "guest-agent/ipv4.hpp"

namespace bulkhead::agent {
namespace {

// All in network order.
struct Route {
    in_addr_t network = 0;
    in_addr_t mask = 0;
    in_addr_t gateway = 0;
    auto operator<=>(const Route&) const = default;
};

Result<Route> parse_route(const std::string& prefix, const std::string& gateway) {
    const auto parts = split_text(prefix, '/');
    const auto length = parts.size() == 2 ? parse_number(parts[1], 0, 32) : parse_number("", 0, 0);
    if (!length)
        return fail(Code::invalid, "'" + printable(prefix, 32) + "' is not a prefix", {}, "192.0.2.0/24");
    BULKHEAD_TRY_ASSIGN(const in_addr network, parse_ipv4(parts[0]));
    BULKHEAD_TRY_ASSIGN(const in_addr next, parse_ipv4(gateway));
    const auto mask = *length == 0 ? 0 : htonl(~std::uint32_t{0} << (32 - *length));
    return Route{network.s_addr, mask, next.s_addr};
}

// Lines "eth0 00000000 0101140A 0003 ..." of /proc/net/route, in hexadecimal and in the order of the host;
// ours are those with a next router.
std::set<Route> routes_of(const std::string& interface) {
    std::set<Route> found;
    std::ifstream lines("/proc/net/route");
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::string name;
        Route route;
        unsigned flags = 0;
        unsigned skipped = 0;
        fields >> name >> std::hex >> route.network >> route.gateway >> flags >> skipped >> skipped >>
            skipped >> route.mask;
        if (fields && name == interface && (flags & RTF_GATEWAY) != 0) found.insert(route);
    }
    return found;
}

Result<> change(const Fd& socket, const std::string& interface, const Route& route, bool add) {
    std::string device = interface;
    rtentry entry{};
    entry.rt_dst = as_sockaddr({route.network});
    entry.rt_genmask = as_sockaddr({route.mask});
    entry.rt_gateway = as_sockaddr({route.gateway});
    entry.rt_flags = RTF_UP | RTF_GATEWAY;
    entry.rt_dev = device.data();
    if (::ioctl(socket.get(), add ? SIOCADDRT : SIOCDELRT, &entry) != 0 && errno != (add ? EEXIST : ESRCH))
        return fail_errno("can't change the way out", interface);
    return {};
}

}  // namespace

Result<> set_up_routes(const std::string& interface, const v1::Interface& wanted) {
    std::set<Route> routes;
    for (const auto& prefix : wanted.routes()) {
        BULKHEAD_TRY_ASSIGN(const Route route, parse_route(prefix, wanted.gateway()));
        routes.insert(route);
    }
    BULKHEAD_TRY_ASSIGN(const Fd socket, control_socket());
    const auto there = routes_of(interface);
    for (const Route& stale : there)
        if (!routes.contains(stale)) BULKHEAD_TRY(change(socket, interface, stale, false));
    for (const Route& route : routes)
        if (!there.contains(route)) BULKHEAD_TRY(change(socket, interface, route, true));
    return {};
}

std::string name_servers(const v1::Configure& wanted) {
    std::string text;
    for (const auto& interface : wanted.interfaces())
        if (!interface.name_server().empty()) text += "nameserver " + interface.name_server() + "\n";
    return text;
}

}  // namespace bulkhead::agent
