#include "guest-agent/network.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "guest-agent/ipv4.hpp"
#include "guest-agent/network6.hpp"
#include "guest-agent/routes.hpp"

namespace bulkhead::agent {
namespace {

using HardwareAddress = std::array<unsigned char, 6>;

Result<std::string> read_proc(const char* path) {
    // Files of /proc have no size: read until the end, which is bounded by what this partition set up.
    std::string text;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "re"), &std::fclose);
    if (!file) return fail_errno("can't read", path);
    std::array<char, 4096> chunk{};
    while (const std::size_t count = std::fread(chunk.data(), 1, chunk.size(), file.get()))
        text.append(chunk.data(), count);
    return text;
}

Result<HardwareAddress> parse_hardware_address(const std::string& text) {
    HardwareAddress mac{};
    const auto parts = split_text(text, ':');
    bool good = parts.size() == mac.size();
    for (std::size_t i = 0; good && i < mac.size(); ++i) {
        unsigned value = 0;
        good = parts[i].size() == 2 && std::sscanf(parts[i].c_str(), "%2x", &value) == 1;
        mac[i] = static_cast<unsigned char>(value);
    }
    if (!good) return fail(Code::invalid, "'" + printable(text, 32) + "' is not a MAC address");
    return mac;
}

ifreq request_for(const std::string& interface) {
    ifreq request{};
    interface.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

Result<> set_flags(const std::string& interface, bool up) {
    BULKHEAD_TRY_ASSIGN(const Fd socket, control_socket());
    ifreq request = request_for(interface);
    if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0)
        return fail_errno("can't read its flags", interface);
    const int flags = up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
    if (flags == request.ifr_flags) return {};
    request.ifr_flags = static_cast<short>(flags);
    if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0)
        return fail_errno(up ? "can't bring it up" : "can't bring it down", interface);
    return {};
}

struct Network {
    in_addr address{};
    in_addr mask{};
    bool contains(in_addr other) const { return ((other.s_addr ^ address.s_addr) & mask.s_addr) == 0; }
};

Result<Network> parse_network(const std::string& text) {
    const auto parts = split_text(text, '/');
    const auto length = parts.size() == 2 ? parse_number(parts[1], 1, 32) : parse_number("", 0, 0);
    if (!length)
        return fail(Code::invalid, "'" + printable(text, 32) + "' is not an address", {}, "10.20.1.10/24");
    BULKHEAD_TRY_ASSIGN(const in_addr address, parse_ipv4(parts[0]));
    return Network{address, in_addr{htonl(~std::uint32_t{0} << (32 - *length))}};
}

bool has_address(int socket, const std::string& interface, const Network& network) {
    ifreq request = request_for(interface);
    const sockaddr wanted = as_sockaddr(network.address);
    return ::ioctl(socket, SIOCGIFADDR, &request) == 0 &&
           std::memcmp(&request.ifr_addr, &wanted, sizeof(sockaddr_in)) == 0;
}

// Setting the address again would flush the routes, so it is set only if it differs.
Result<> set_address(int socket, const std::string& interface, const Network& network) {
    if (has_address(socket, interface, network)) return {};
    ifreq request = request_for(interface);
    request.ifr_addr = as_sockaddr(network.address);
    if (::ioctl(socket, SIOCSIFADDR, &request) != 0) return fail_errno("can't set the address", interface);
    request.ifr_netmask = as_sockaddr(network.mask);
    if (::ioctl(socket, SIOCSIFNETMASK, &request) != 0) return fail_errno("can't set the netmask", interface);
    return {};
}

Result<> change_route(int socket, const std::string& interface, in_addr peer, bool add) {
    std::string device = interface;
    rtentry route{};
    route.rt_dst = as_sockaddr(peer);
    route.rt_genmask = as_sockaddr(in_addr{0xFFFFFFFF});
    route.rt_flags = RTF_UP | RTF_HOST;
    route.rt_dev = device.data();
    if (::ioctl(socket, add ? SIOCADDRT : SIOCDELRT, &route) != 0 && errno != (add ? EEXIST : ESRCH))
        return fail_errno("can't change a route", interface);
    return {};
}

Result<> change_neighbour(int socket, const std::string& interface, in_addr peer,
                          const HardwareAddress* mac) {
    arpreq request{};
    request.arp_pa = as_sockaddr(peer);
    interface.copy(request.arp_dev, sizeof request.arp_dev - 1);
    request.arp_flags = ATF_COM | ATF_PERM;
    request.arp_ha.sa_family = ARPHRD_ETHER;
    if (mac != nullptr) std::memcpy(request.arp_ha.sa_data, mac->data(), mac->size());
    if (::ioctl(socket, mac != nullptr ? SIOCSARP : SIOCDARP, &request) != 0 &&
        !(mac == nullptr && (errno == ENOENT || errno == ENXIO)))
        return fail_errno("can't change a neighbour", interface);
    return {};
}

// Permanent neighbours of the interface: lines "10.20.9.2 0x1 0x6 02:... * eth0" of /proc/net/arp.
std::vector<std::string> permanent_neighbours(const std::string& interface) {
    std::vector<std::string> found;
    std::istringstream lines(read_proc("/proc/net/arp").value_or(""));
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream fields(line);
        std::string address;
        std::string type;
        std::string flags;
        std::string mac;
        std::string mask;
        std::string device;
        fields >> address >> type >> flags >> mac >> mask >> device;
        if (device == interface && flags == "0x6") found.push_back(address);
    }
    return found;
}

}  // namespace

Result<std::string> find_interface(const std::string& mac) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/sys/class/net", ignored)) {
        const auto text = read_proc((entry.path() / "address").c_str());
        if (text && trimmed(*text) == mac) return entry.path().filename().string();
    }
    return fail(Code::not_found, "no interface has the address " + printable(mac, 32));
}

Result<bool> has_address(const v1::Interface& wanted) {
    BULKHEAD_TRY_ASSIGN(const std::string interface, find_interface(wanted.mac()));
    BULKHEAD_TRY_ASSIGN(const Network network, parse_network(wanted.address()));
    BULKHEAD_TRY_ASSIGN(const Fd socket, control_socket());
    return has_address(socket.get(), interface, network);
}

Result<> set_up_interface(const v1::Interface& wanted) {
    BULKHEAD_TRY_ASSIGN(const std::string interface, find_interface(wanted.mac()));
    BULKHEAD_TRY(prepare_ipv6(interface, wanted));
    if (wanted.address().empty()) return set_flags(interface, true);
    BULKHEAD_TRY_ASSIGN(const Network network, parse_network(wanted.address()));
    BULKHEAD_TRY_ASSIGN(const Fd socket, control_socket());
    if (!wanted.dhcp()) BULKHEAD_TRY(set_address(socket.get(), interface, network));
    BULKHEAD_TRY(set_flags(interface, true));
    BULKHEAD_TRY(set_up_ipv6(interface, wanted));
    if (!has_address(socket.get(), interface, network)) return {};  // it is asked for

    std::map<std::string, std::string> peers;
    for (const auto& neighbour : wanted.neighbours()) peers[neighbour.address()] = neighbour.mac();
    for (const auto& address : permanent_neighbours(interface)) {
        if (peers.contains(address)) continue;
        BULKHEAD_TRY_ASSIGN(const in_addr peer, parse_ipv4(address));
        BULKHEAD_TRY(change_neighbour(socket.get(), interface, peer, nullptr));
        if (!network.contains(peer)) BULKHEAD_TRY(change_route(socket.get(), interface, peer, false));
    }
    for (const auto& [address, mac_text] : peers) {
        BULKHEAD_TRY_ASSIGN(const in_addr peer, parse_ipv4(address));
        BULKHEAD_TRY_ASSIGN(const HardwareAddress mac, parse_hardware_address(mac_text));
        if (!network.contains(peer)) BULKHEAD_TRY(change_route(socket.get(), interface, peer, true));
        BULKHEAD_TRY(change_neighbour(socket.get(), interface, peer, &mac));
    }
    return set_up_routes(interface, wanted);
}

Result<> bring_up(const std::string& interface) {
    return set_flags(interface, true);
}
Result<> bring_down(const std::string& interface) {
    return set_flags(interface, false);
}

}  // namespace bulkhead::agent
