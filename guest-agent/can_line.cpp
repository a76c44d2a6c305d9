#include "guest-agent/can_line.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/file.hpp"
#include "guest-agent/can_bitrate.hpp"

namespace bulkhead::agent {
namespace {

constexpr int slcan_discipline = 17;  // N_SLCAN, linux/tty.h

Result<> rename(const Fd& line, const std::string& interface) {
    ifreq request{};
    if (::ioctl(line.get(), SIOCGIFNAME, request.ifr_name) < 0) return fail_errno("no CAN interface came up");
    if (interface == request.ifr_name) return {};
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    interface.copy(request.ifr_newname, IFNAMSIZ - 1);
    if (::ioctl(socket.get(), SIOCSIFNAME, &request) != 0)
        return fail_errno("can't name the CAN interface", interface);
    return {};
}

}  // namespace

Result<Fd> attach_can(const std::string& tty, const std::string& interface, unsigned bits_per_second) {
    BULKHEAD_TRY_ASSIGN(Fd line, open_file(tty, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    const int discipline = slcan_discipline;
    if (::ioctl(line.get(), TIOCSETD, &discipline) != 0) return fail_errno("can't attach SLCAN", tty);
    BULKHEAD_TRY(rename(line, interface));
    BULKHEAD_TRY(set_bitrate(interface, bits_per_second));
    return line;
}

}  // namespace bulkhead::agent
