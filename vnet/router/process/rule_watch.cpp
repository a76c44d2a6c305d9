#include "vnet/router/process/rule_watch.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace bulkhead::vnet::router {
namespace {

constexpr std::size_t longest_name = 16;  // TASK_COMM_LEN

// The attributes of a message, one after the other; what is cut is not there.
template <class Each>
void for_each_attribute(std::string_view bytes, const Each& each) {
    while (bytes.size() >= sizeof(nlattr)) {
        nlattr head{};
        std::memcpy(&head, bytes.data(), sizeof head);
        if (head.nla_len < sizeof head || head.nla_len > bytes.size()) return;
        each(head.nla_type & NLA_TYPE_MASK, bytes.substr(sizeof head, head.nla_len - sizeof head));
        bytes.remove_prefix(std::min<std::size_t>(NLA_ALIGN(head.nla_len), bytes.size()));
    }
}

std::string who_made(std::string_view attributes) {
    std::string name;
    std::uint32_t pid = 0;
    for_each_attribute(attributes, [&](int type, std::string_view value) {
        if (type == NFTA_GEN_PROC_NAME) name = value.substr(0, value.find('\0'));
        if (type == NFTA_GEN_PROC_PID && value.size() == sizeof pid)
            std::memcpy(&pid, value.data(), sizeof pid);
    });
    return printable(name, longest_name) + " (" + std::to_string(ntohl(pid)) + ")";
}

}  // namespace

Result<std::unique_ptr<RuleWatch>> RuleWatch::open(Loop& loop, Told told) {
    Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER));
    if (!socket) return fail_errno("can't watch the firewall");
    const int group = NFNLGRP_NFTABLES;
    sockaddr_nl here{};
    here.nl_family = AF_NETLINK;
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
        ::setsockopt(socket.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
        return fail_errno("can't watch the firewall");
    const int fd = socket.get();
    std::unique_ptr<RuleWatch> watch(new RuleWatch(loop, std::move(socket), std::move(told)));
    BULKHEAD_TRY(loop.watch(fd, EPOLLIN, [watch = watch.get()](std::uint32_t) { watch->read(); }));
    return watch;
}

RuleWatch::~RuleWatch() {
    loop_.unwatch(socket_.get());
}

void RuleWatch::read() {
    foreign_.clear();
    for (;;) {
        alignas(nlmsghdr) std::array<char, 32768> room{};
        const ssize_t got = ::recv(socket_.get(), room.data(), room.size(), 0);
        if (got > 0) {
            take({room.data(), static_cast<std::size_t>(got)});
        } else if (got < 0 && errno == ENOBUFS) {
            foreign_ = "somebody, too often to tell";
        } else if (got == 0 || errno != EINTR) {
            break;
        }
    }
    if (!foreign_.empty()) told_(foreign_);
}

// Each of our changes is one generation. One more than we made is another's; which of them it was does not
// matter, for what we want is put in force again.
void RuleWatch::take(std::string_view datagram) {
    constexpr unsigned new_generation = NFNL_SUBSYS_NFTABLES << 8U | NFT_MSG_NEWGEN;
    while (datagram.size() >= sizeof(nlmsghdr)) {
        nlmsghdr head{};
        std::memcpy(&head, datagram.data(), sizeof head);
        if (head.nlmsg_len < sizeof head || head.nlmsg_len > datagram.size()) return;
        const auto body = datagram.substr(sizeof head, head.nlmsg_len - sizeof head);
        if (head.nlmsg_type == new_generation && body.size() >= sizeof(nfgenmsg)) {
            if (own_ > 0)
                --own_;
            else
                foreign_ = who_made(body.substr(sizeof(nfgenmsg)));
        }
        datagram.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), datagram.size()));
    }
}

}  // namespace bulkhead::vnet::router
