#include "guest-agent/can_controller.hpp"

#include <linux/can/netlink.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "guest-agent/network.hpp"

namespace bulkhead::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view can_type = "280";  // ARPHRD_CAN

std::string attribute(const fs::path& file) {
    const auto text = read_file(file, 4096);
    return text ? std::string(trimmed(*text)) : std::string();
}

// One request of rtnetlink(7), with attributes in attributes.
class Request {
  public:
    Request(const std::string& interface, unsigned sequence) {
        auto* header = reinterpret_cast<nlmsghdr*>(bytes_.data());
        header->nlmsg_type = RTM_NEWLINK;
        header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
        header->nlmsg_seq = sequence;
        auto* link = reinterpret_cast<ifinfomsg*>(NLMSG_DATA(header));
        link->ifi_family = AF_UNSPEC;
        link->ifi_index = static_cast<int>(::if_nametoindex(interface.c_str()));
        size_ = NLMSG_LENGTH(sizeof(ifinfomsg));
    }
    // Returns where it stands, for end().
    std::size_t begin(unsigned short type) { return put(type, nullptr, 0); }
    void end(std::size_t at) {
        reinterpret_cast<rtattr*>(bytes_.data() + at)->rta_len = static_cast<unsigned short>(size_ - at);
    }
    std::size_t put(unsigned short type, const void* value, std::size_t length) {
        const std::size_t at = size_;
        auto* made = reinterpret_cast<rtattr*>(bytes_.data() + at);
        made->rta_type = type;
        made->rta_len = static_cast<unsigned short>(RTA_LENGTH(length));
        if (length > 0) std::memcpy(RTA_DATA(made), value, length);
        size_ += RTA_ALIGN(RTA_LENGTH(length));
        return at;
    }
    Result<> send(const std::string& what) {
        reinterpret_cast<nlmsghdr*>(bytes_.data())->nlmsg_len = static_cast<unsigned>(size_);
        const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
        if (!socket || ::send(socket.get(), bytes_.data(), size_, 0) != static_cast<ssize_t>(size_))
            return fail_errno("can't ask the kernel", what);
        alignas(nlmsghdr) std::array<char, 1024> answer{};
        const auto got = ::recv(socket.get(), answer.data(), answer.size(), 0);
        const auto* header = reinterpret_cast<const nlmsghdr*>(answer.data());
        if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr))) || header->nlmsg_type != NLMSG_ERROR)
            return fail(Code::io, "the kernel gave no answer", what);
        const int error = -reinterpret_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
        return error == 0 ? Result<>() : fail_errno(error, "the kernel refuses it", what);
    }

  private:
    // Room for one rate in four layers of attributes.
    alignas(nlmsghdr) std::array<char, 256> bytes_{};
    std::size_t size_ = 0;
};

// As `ip link set INTERFACE type can bitrate N` does.
Result<> set_bitrate(const std::string& interface, unsigned bitrate) {
    Request request(interface, 1);
    const auto info = request.begin(IFLA_LINKINFO);
    request.put(IFLA_INFO_KIND, "can", 3);
    const auto data = request.begin(IFLA_INFO_DATA);
    can_bittiming timing{};
    timing.bitrate = bitrate;  // the kernel works the rest out from the controller's clock
    request.put(IFLA_CAN_BITTIMING, &timing, sizeof timing);
    request.end(data);
    request.end(info);
    return request.send(interface + ", " + std::to_string(bitrate) + " bit/s");
}

bool is_up(const std::string& interface) {
    const auto flags = attribute(fs::path("/sys/class/net") / interface / "flags");
    return !flags.empty() && std::string_view("13579bdf").find(flags.back()) != std::string_view::npos;
}

}  // namespace

std::vector<std::string> can_interfaces_of(const std::string& address) {
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry :
         fs::directory_iterator(fs::path("/sys/bus/pci/devices") / address / "net", error))
        if (attribute(entry.path() / "type") == can_type) found.push_back(entry.path().filename());
    std::ranges::sort(found);
    return found;
}

Result<> start_can(const std::string& interface, unsigned bitrate) {
    // The rate of one that is up can't be set: it was us who brought it up.
    if (is_up(interface)) return {};
    BULKHEAD_TRY(set_bitrate(interface, bitrate));
    return bring_up(interface);
}

}  // namespace bulkhead::agent
