#include "guest-agent/can_line.hpp"

#include <fcntl.h>
#include <linux/can/netlink.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/file.hpp"

namespace bulkhead::agent {
namespace {

constexpr int slcan_discipline = 17;  // N_SLCAN, linux/tty.h

// A netlink message under construction (rtnetlink(7)); large enough for all that is put into it here.
class Message {
  public:
    explicit Message(unsigned interface) {
        auto& header = *reinterpret_cast<nlmsghdr*>(bytes_.data());
        header.nlmsg_type = RTM_NEWLINK;
        header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
        size_ = NLMSG_LENGTH(sizeof(ifinfomsg));
        static_cast<ifinfomsg*>(NLMSG_DATA(&header))->ifi_index = static_cast<int>(interface);
    }

    std::size_t begin(unsigned short type) {
        const std::size_t start = size_;
        put(type, {});
        return start;
    }
    void end(std::size_t start) {
        reinterpret_cast<rtattr*>(bytes_.data() + start)->rta_len =
            static_cast<unsigned short>(size_ - start);
    }
    void put(unsigned short type, std::string_view data) {
        auto& attribute = *reinterpret_cast<rtattr*>(bytes_.data() + size_);
        attribute.rta_type = type;
        attribute.rta_len = static_cast<unsigned short>(RTA_LENGTH(data.size()));
        data.copy(static_cast<char*>(RTA_DATA(&attribute)), data.size());
        size_ += RTA_SPACE(data.size());
    }
    std::string_view finished() {
        reinterpret_cast<nlmsghdr*>(bytes_.data())->nlmsg_len = static_cast<std::uint32_t>(size_);
        return {bytes_.data(), size_};
    }

  private:
    alignas(nlmsghdr) std::array<char, 256> bytes_{};
    std::size_t size_ = 0;
};

Result<> exchange(std::string_view message) {
    const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!socket || ::send(socket.get(), message.data(), message.size(), 0) < 0)
        return fail_errno("can't talk to the kernel's network");
    alignas(nlmsghdr) std::array<char, 1024> answer{};
    if (::recv(socket.get(), answer.data(), answer.size(), 0) <
        static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr))))
        return fail_errno("the kernel's network gave no answer");
    const auto& header = *reinterpret_cast<nlmsghdr*>(answer.data());
    const int error = static_cast<nlmsgerr*>(NLMSG_DATA(&header))->error;
    if (error != 0) return fail_errno(-error, "the kernel refused");
    return {};
}

// What `ip link set slcan0 type can bitrate N` does.
Result<> set_bitrate(const std::string& interface, unsigned bits_per_second) {
    const unsigned index = ::if_nametoindex(interface.c_str());
    if (index == 0) return fail_errno("no such interface", interface);
    can_bittiming timing{};
    timing.bitrate = bits_per_second;
    Message message(index);
    const auto info = message.begin(IFLA_LINKINFO);
    message.put(IFLA_INFO_KIND, std::string_view("can", 4));
    const auto data = message.begin(IFLA_INFO_DATA);
    message.put(IFLA_CAN_BITTIMING, {reinterpret_cast<const char*>(&timing), sizeof timing});
    message.end(data);
    message.end(info);
    auto done = exchange(message.finished());
    if (!done)
        done.error().what = "can't set " + std::to_string(bits_per_second) + " bit/s: " + done.error().what;
    return done;
}

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
