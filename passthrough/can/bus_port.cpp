#include "passthrough/can/bus_port.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/units.hpp"
#include "passthrough/inventory/network.hpp"

namespace bulkhead::passthrough::can {
namespace {

// Interfaces change in bursts: one look for all of it.
constexpr std::chrono::milliseconds settling{20};

bool is_up(const inventory::Tree& tree, const std::string& folder) {
    const auto flags = tree.attribute(folder + "flags");  // 0x40c1
    return flags.size() > 2 && std::string_view("13579bdf").find(flags.back()) != std::string_view::npos;
}

}  // namespace

BusPort::BusPort(Loop& loop, std::string place, Events events, inventory::Tree tree)
    : loop_(loop), place_(std::move(place)), events_(std::move(events)), tree_(std::move(tree)) {
}

BusPort::~BusPort() {
    loop_.cancel(timer_);
    if (events_socket_) loop_.unwatch(events_socket_.get());
}

Result<> BusPort::start() {
    Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK;
    if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("can't listen to the kernel's events of interfaces");
    BULKHEAD_TRY(loop_.watch(socket.get(), EPOLLIN, [this](std::uint32_t) { on_event(); }));
    events_socket_ = std::move(socket);
    look();
    return {};
}

void BusPort::on_event() {
    std::array<char, 4096> message{};
    while (true) {
        const ssize_t got = ::recv(events_socket_.get(), message.data(), message.size(), MSG_TRUNC);
        // ENOBUFS: there were more than the socket holds, which is an event like another.
        if (got < 0 && errno != EINTR && errno != ENOBUFS) break;
    }
    if (timer_ != 0) return;
    timer_ = loop_.after(settling, [this] {
        timer_ = 0;
        look();
    });
}

void BusPort::look() {
    interface_ = inventory::can_interface_at(tree_, place_);
    const auto folder = "sys/class/net/" + interface_ + "/";
    const auto number = parse_number(tree_.attribute(folder + "ifindex"), 1, 0x7fff'ffff);
    const bool there = !interface_.empty() && number.has_value();
    const unsigned index = there && is_up(tree_, folder) ? static_cast<unsigned>(*number) : 0;
    auto error = index != 0 ? std::string()
                 : there    ? interface_ + " is down"
                            : "no CAN interface is at " + place_;
    const bool changed = index != index_ || error != error_;
    index_ = index;
    error_ = std::move(error);
    if (!changed) return;
    if (index_ != 0)
        events_.up(index_);
    else
        events_.down();
}

}  // namespace bulkhead::passthrough::can
