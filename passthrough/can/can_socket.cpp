#include "passthrough/can/can_socket.hpp"

#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace bulkhead::passthrough::can {
namespace {

template <class T>
Result<> set(int socket, int level, int option, const T& value, const char* what) {
    if (::setsockopt(socket, level, option, &value, sizeof value) != 0) return fail_errno(what);
    return {};
}

}  // namespace

Result<Fd> open_can_socket() {
    Fd socket(::socket(AF_CAN, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, CAN_RAW));
    if (!socket && (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT))
        return fail(Code::unsupported, "the kernel has no CONFIG_CAN_RAW", {}, {}, "modprobe can-raw");
    if (!socket) return fail_errno("can't make a socket for CAN");
    BULKHEAD_TRY(set(socket.get(), SOL_SOCKET, SO_RXQ_OVFL, 1, "can't count what a CAN socket loses"));
    return socket;
}

Result<> hear_only(int socket, const model::CanGuard& guard) {
    std::vector<can_filter> filters;
    for (const auto& rule : guard.allow) {
        if (!rule.receive) continue;
        // Requests for data (RTR) have the identifier of what they ask for.
        const canid_t kind = rule.extended ? CAN_EFF_FLAG : 0;
        filters.push_back({rule.id | kind, rule.mask | CAN_EFF_FLAG});
    }
    // None at all: nothing is heard.
    if (::setsockopt(socket, SOL_CAN_RAW, CAN_RAW_FILTER, filters.data(),
                     static_cast<socklen_t>(filters.size() * sizeof(can_filter))) != 0)
        return fail_errno("can't set what may be heard");
    return {};
}

Result<> hear_errors(int socket) {
    return set(socket, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, static_cast<can_err_mask_t>(CAN_ERR_MASK),
               "can't hear of the bus's errors");
}

Result<> bound_queue(int socket, int bytes) {
    return set(socket, SOL_SOCKET, SO_SNDBUF, bytes, "can't bound what waits to be sent");
}

Result<> bind_to(int socket, unsigned index) {
    sockaddr_can address{};
    address.can_family = AF_CAN;
    address.can_ifindex = static_cast<int>(index);
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("can't bind to the CAN interface");
    return {};
}

int take_error(int socket) {
    int error = 0;
    socklen_t length = sizeof error;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

Batch::Batch() {
    for (std::size_t i = 0; i < most; ++i) {
        pieces_[i] = {&frames_[i], sizeof(can_frame)};
        messages_[i].msg_hdr.msg_iov = &pieces_[i];
        messages_[i].msg_hdr.msg_iovlen = 1;
    }
}

int Batch::receive(int socket) {
    clear();
    for (std::size_t i = 0; i < most; ++i) {
        messages_[i].msg_hdr.msg_control = controls_[i].bytes.data();
        messages_[i].msg_hdr.msg_controllen = controls_[i].bytes.size();
    }
    const int got = ::recvmmsg(socket, messages_.data(), most, MSG_DONTWAIT, nullptr);
    if (got < 0) return errno;
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
        auto& head = messages_[i].msg_hdr;
        if (const cmsghdr* const told = CMSG_FIRSTHDR(&head);
            told != nullptr && told->cmsg_level == SOL_SOCKET && told->cmsg_type == SO_RXQ_OVFL)
            std::memcpy(&overflown_, CMSG_DATA(told), sizeof overflown_);
        if (messages_[i].msg_len != sizeof(can_frame)) continue;
        if (count_ != i) frames_[count_] = frames_[i];
        ++count_;
    }
    return 0;
}

int Batch::send(int socket) {
    for (std::size_t i = first_; i < count_; ++i) {
        messages_[i].msg_hdr.msg_control = nullptr;
        messages_[i].msg_hdr.msg_controllen = 0;
    }
    while (!empty()) {
        const int sent = ::sendmmsg(socket, &messages_[first_], static_cast<unsigned>(size()), MSG_DONTWAIT);
        if (sent < 0) return errno;
        first_ += static_cast<std::size_t>(sent);
    }
    clear();
    return 0;
}

}  // namespace bulkhead::passthrough::can
