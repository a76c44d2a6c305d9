#include "can_socket.hpp"

#include <linux/can/raw.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace can_logger {

bool CanSocket::open(const std::string& interface) {
    close();
    ifreq request{};
    if (interface.size() >= sizeof request.ifr_name) return false;
    fd_ = ::socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, CAN_RAW);
    if (fd_ < 0) return false;
    std::memcpy(request.ifr_name, interface.data(), interface.size());
    sockaddr_can address{};
    address.can_family = AF_CAN;
    if (::ioctl(fd_, SIOCGIFINDEX, &request) == 0) {
        address.can_ifindex = request.ifr_ifindex;
        if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
    }
    close();
    return false;
}

void CanSocket::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

CanSocket::Outcome CanSocket::receive(can_frame& frame, std::chrono::milliseconds patience) {
    pollfd ready{fd_, POLLIN, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(patience.count()));
    if (count <= 0) return Outcome::nothing;
    const ssize_t got = ::recv(fd_, &frame, sizeof frame, 0);
    if (got == static_cast<ssize_t>(sizeof frame)) return Outcome::frame;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? Outcome::nothing : Outcome::broken;
}

}  // namespace can_logger
