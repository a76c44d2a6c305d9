#include "vnet/capture/packet_socket.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace bulkhead::vnet::capture {
namespace {

constexpr std::size_t longest = 65536 + 14 + 4;  // a super-frame of 64 KiB, Ethernet's header, a tag
constexpr std::ptrdiff_t addresses = 12;

// The kernel takes the tag off and tells it beside the frame.
void put_tag_back(CapturedFrame& frame, const tpacket_auxdata& data) {
    if ((data.tp_status & TP_STATUS_VLAN_VALID) == 0 || frame.bytes.size() < addresses) return;
    const std::uint16_t protocol =
        (data.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? data.tp_vlan_tpid : std::uint16_t{ETH_P_8021Q};
    const std::array<char, 4> tag{static_cast<char>(protocol >> 8), static_cast<char>(protocol),
                                  static_cast<char>(data.tp_vlan_tci >> 8),
                                  static_cast<char>(data.tp_vlan_tci)};
    frame.bytes.insert(frame.bytes.begin() + addresses, tag.begin(), tag.end());
    frame.whole += tag.size();
}

void read_control(msghdr& message, CapturedFrame& frame) {
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
        if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SO_TIMESTAMPNS) {
            timespec time{};
            std::memcpy(&time, CMSG_DATA(each), sizeof time);
            frame.time = std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
        } else if (each->cmsg_level == SOL_PACKET && each->cmsg_type == PACKET_AUXDATA) {
            tpacket_auxdata data{};
            std::memcpy(&data, CMSG_DATA(each), sizeof data);
            put_tag_back(frame, data);
        }
    }
}

}  // namespace

Result<PacketSocket> PacketSocket::open(const std::string& interface, int room) {
    // Without a protocol it hears nothing until it is bound, and then of this interface alone.
    Fd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket && errno == EPERM)
        return fail(Code::refused, "nobody without CAP_NET_RAW reads the frames of an interface", interface);
    if (!socket) return fail_errno("can't read the frames of an interface", interface);
    sockaddr_ll here{};
    here.sll_family = AF_PACKET;
    here.sll_protocol = ::htons(ETH_P_ALL);
    here.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
    if (here.sll_ifindex == 0)
        return fail(Code::not_found, "there is no interface '" + interface + "' at the moment");
    const int yes = 1;
    if (::setsockopt(socket.get(), SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) != 0 ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) != 0 ||
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0)
        return fail_errno("can't read the frames of an interface", interface);
    // More than the system's limit if one may; what fits is enough for most.
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
        ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    return PacketSocket(std::move(socket));
}

Result<std::optional<CapturedFrame>> PacketSocket::next() {
    buffer_.resize(longest);
    CapturedFrame frame;
    iovec part{buffer_.data(), buffer_.size()};
    alignas(cmsghdr) std::array<char, 256> control{};
    sockaddr_ll from{};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(socket_.get(), &message, MSG_TRUNC);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (got < 0 && errno == ENETDOWN) return std::nullopt;  // told once when an interface goes down
    if (got < 0) return fail_errno("can't read the frames of an interface");
    frame.whole = static_cast<std::size_t>(got);
    frame.bytes.assign(buffer_, 0, std::min(frame.whole, longest));
    frame.outgoing = from.sll_pkttype == PACKET_OUTGOING;
    read_control(message, frame);
    return frame;
}

std::uint64_t PacketSocket::lost() {
    tpacket_stats counted{};
    socklen_t length = sizeof counted;
    if (::getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &counted, &length) != 0) return 0;
    return counted.tp_drops;
}

bool PacketSocket::is_gone() const {
    sockaddr_ll here{};
    socklen_t length = sizeof here;
    return ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&here), &length) == 0 &&
           here.sll_ifindex < 0;
}

}  // namespace bulkhead::vnet::capture
