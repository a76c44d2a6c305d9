#include "vnet/tap.hpp"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "base/file.hpp"

namespace bulkhead::vnet {
namespace {

// Per-interface settings, Documentation/networking/ip-sysctl.rst. The programs on the tap let nothing through
// to the host; these hold even when someone took the programs off.
struct Setting {
    std::string_view family;
    std::string_view name;
    std::string_view value;
};
constexpr std::array settings{
    Setting{"ipv6", "disable_ipv6", "1"}, Setting{"ipv6", "addr_gen_mode", "1"},
    Setting{"ipv4", "rp_filter", "1"},    Setting{"ipv4", "forwarding", "0"},
    Setting{"ipv4", "arp_ignore", "8"},   Setting{"ipv4", "accept_redirects", "0"},
};

std::string path_of(const Setting& setting, const std::string& interface) {
    return "/proc/sys/net/" + std::string(setting.family) + "/conf/" + interface + "/" +
           std::string(setting.name);
}

// These files have no size, so read_file() would do, but they are written in place, never replaced.
Result<> write_setting(const Setting& setting, const std::string& interface, std::string_view value) {
    const std::string path = path_of(setting, interface);
    const auto file = open_file(path, O_WRONLY);
    // A kernel without IPv6, or booted without, has nothing to switch off.
    if (!file && file.error().code == Code::not_found && setting.family == "ipv6") return {};
    if (!file) return std::unexpected(file.error());
    if (::write(file->get(), value.data(), value.size()) < 0)
        return fail_errno("can't write " + std::string(value), path);
    return {};
}

}  // namespace

Result<Fd> open_tap(const std::string& name) {
    auto tap = open_file("/dev/net/tun", O_RDWR | O_NONBLOCK);
    if (!tap) return tap;
    ifreq request{};
    if (name.size() >= sizeof request.ifr_name)
        return fail(Code::invalid, "'" + name + "' is too long for a network interface", {},
                    "at most 15 characters");
    name.copy(request.ifr_name, sizeof request.ifr_name - 1);
    request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR);
    if (::ioctl(tap->get(), TUNSETIFF, &request) != 0)
        return fail_errno(
            errno == EINVAL ? "another kind of network interface has the name" : "can't make a tap", name);
    return tap;
}

Result<> persist(const Fd& tap) {
    if (::ioctl(tap.get(), TUNSETPERSIST, 1) != 0) return fail_errno("can't make a tap persistent");
    return {};
}

Result<> hush(const std::string& name) {
    for (const Setting& setting : settings) BULKHEAD_TRY(write_setting(setting, name, setting.value));
    return {};
}

Result<> unhush(const std::string& name) {
    for (const Setting& setting : settings) {
        const auto usual = read_file(path_of(setting, "default"), 64);
        if (!usual && usual.error().code == Code::not_found) continue;
        if (!usual) return std::unexpected(usual.error());
        BULKHEAD_TRY(write_setting(setting, name, *usual));
    }
    return {};
}

bool is_hushed(const std::string& name) {
    for (const Setting& setting : settings) {
        const auto value = read_file(path_of(setting, name), 64);
        if (!value && setting.family == "ipv6" && value.error().code == Code::not_found) continue;
        if (!value || value->substr(0, value->find('\n')) != setting.value) return false;
    }
    return true;
}

}  // namespace bulkhead::vnet
