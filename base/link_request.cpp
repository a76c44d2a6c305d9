#include "base/link_request.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/fd.hpp"

namespace bulkhead {
namespace {

constexpr std::size_t longest_answer = 32 * 1024;

nlmsghdr* head_of(std::array<std::byte, 1024>& bytes) {
    return reinterpret_cast<nlmsghdr*>(bytes.data());
}

}  // namespace

LinkRequest::LinkRequest(std::uint16_t type, unsigned index, std::uint16_t flags) {
    auto* header = head_of(bytes_);
    header->nlmsg_type = type;
    header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    header->nlmsg_seq = 1;
    auto* link = reinterpret_cast<ifinfomsg*>(NLMSG_DATA(header));
    link->ifi_family = AF_UNSPEC;
    link->ifi_index = static_cast<int>(index);
    size_ = NLMSG_LENGTH(sizeof(ifinfomsg));
}

void LinkRequest::set_flags(unsigned flags, unsigned mask) {
    auto* link = reinterpret_cast<ifinfomsg*>(NLMSG_DATA(head_of(bytes_)));
    link->ifi_flags = flags;
    link->ifi_change = mask;
}

void LinkRequest::end(std::size_t at) {
    reinterpret_cast<rtattr*>(bytes_.data() + at)->rta_len = static_cast<std::uint16_t>(size_ - at);
}

std::size_t LinkRequest::put(std::uint16_t type, const void* value, std::size_t length) {
    const std::size_t at = size_;
    // Too much is left out, so that the kernel refuses what is incomplete: our own values are short.
    if (at + RTA_SPACE(length) > bytes_.size()) return at;
    auto* made = reinterpret_cast<rtattr*>(bytes_.data() + at);
    made->rta_type = type;
    made->rta_len = static_cast<std::uint16_t>(RTA_LENGTH(length));
    if (length > 0) std::memcpy(RTA_DATA(made), value, length);
    size_ += RTA_SPACE(length);
    return at;
}

Result<std::vector<std::byte>> LinkRequest::exchange(const std::string& what) {
    head_of(bytes_)->nlmsg_len = static_cast<std::uint32_t>(size_);
    const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!socket || ::send(socket.get(), bytes_.data(), size_, 0) != static_cast<ssize_t>(size_))
        return fail_errno("can't ask the kernel", what);
    std::vector<std::byte> answer(longest_answer);
    const auto got = ::recv(socket.get(), answer.data(), answer.size(), 0);
    if (got < static_cast<ssize_t>(NLMSG_LENGTH(0))) return fail(Code::io, "the kernel gave no answer", what);
    answer.resize(static_cast<std::size_t>(got));
    const auto* header = reinterpret_cast<const nlmsghdr*>(answer.data());
    if (header->nlmsg_type != NLMSG_ERROR) return answer;
    if (answer.size() < NLMSG_LENGTH(sizeof(nlmsgerr)))
        return fail(Code::io, "the kernel gave no answer", what);
    const int error = -reinterpret_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
    if (error == EOPNOTSUPP) return fail(Code::unsupported, "the kernel, or its driver, can't do that", what);
    if (error == ENODEV) return fail(Code::not_found, "there is no such network interface", what);
    if (error != 0) return fail_errno(error, "the kernel refuses it", what);
    return answer;
}

Result<> LinkRequest::send(const std::string& what) {
    head_of(bytes_)->nlmsg_flags |= NLM_F_ACK;
    BULKHEAD_TRY(exchange(what));
    return {};
}

Result<LinkRequest::Answer> LinkRequest::ask(const std::string& what) {
    BULKHEAD_TRY_ASSIGN(const auto bytes, exchange(what));
    const auto* header = reinterpret_cast<const nlmsghdr*>(bytes.data());
    constexpr std::size_t first = NLMSG_LENGTH(NLMSG_ALIGN(sizeof(ifinfomsg)));
    if (header->nlmsg_type != RTM_NEWLINK || bytes.size() < first)
        return fail(Code::io, "the kernel gave another answer", what);
    const auto* link = reinterpret_cast<const ifinfomsg*>(NLMSG_DATA(header));
    return Answer{static_cast<unsigned>(link->ifi_index),
                  link->ifi_flags,
                  {bytes.begin() + static_cast<std::ptrdiff_t>(first), bytes.end()}};
}

std::span<const std::byte> find_attribute(std::span<const std::byte> attributes, std::uint16_t type) {
    while (attributes.size() >= sizeof(rtattr)) {
        rtattr head{};
        std::memcpy(&head, attributes.data(), sizeof head);
        if (head.rta_len < sizeof head || head.rta_len > attributes.size()) return {};
        if ((head.rta_type & NLA_TYPE_MASK) == type)
            return attributes.subspan(sizeof head, head.rta_len - sizeof head);
        attributes = attributes.subspan(std::min<std::size_t>(RTA_ALIGN(head.rta_len), attributes.size()));
    }
    return {};
}

std::string text_attribute(std::span<const std::byte> attributes, std::uint16_t type) {
    const auto value = find_attribute(attributes, type);
    const std::string text(reinterpret_cast<const char*>(value.data()), value.size());
    return text.substr(0, text.find('\0'));
}

}  // namespace bulkhead
