#include "passthrough/inventory/uevents.hpp"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace bulkhead::passthrough::inventory {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds settling = 300ms;
constexpr unsigned both_groups = 1U | 2U;  // the kernel's, and udev's (libudev's monitor)

}  // namespace

Result<> Uevents::open() {
    Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    if (!socket) return fail_errno("can't listen to the kernel's events of devices");
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = both_groups;
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("can't listen to the kernel's events of devices");
    BULKHEAD_TRY(loop_.watch(socket.get(), EPOLLIN, [this](std::uint32_t) { on_message(); }));
    socket_ = std::move(socket);
    return {};
}

Uevents::~Uevents() {
    if (socket_) loop_.unwatch(socket_.get());
    loop_.cancel(timer_);
}

void Uevents::on_message() {
    std::array<char, 4096> message{};
    // ENOBUFS: there were more than the socket holds.
    while (::recv(socket_.get(), message.data(), message.size(), MSG_TRUNC) > 0 || errno == EINTR ||
           errno == ENOBUFS) {
    }
    if (timer_ != 0) return;
    timer_ = loop_.after(settling, [this] {
        timer_ = 0;
        changed_();
    });
}

}  // namespace bulkhead::passthrough::inventory
