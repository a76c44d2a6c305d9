#include "passthrough/can/links.hpp"

#include <linux/can.h>
#include <linux/can/netlink.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstring>

#include "base/link_request.hpp"

namespace bulkhead::passthrough::can {
namespace {

template <class T>
T value_of(std::span<const std::byte> attributes, std::uint16_t type) {
    T value{};
    const auto bytes = find_attribute(attributes, type);
    if (bytes.size() >= sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

// What is of the kind alone stands two layers below.
struct OfKind {
    OfKind(LinkRequest& request, const std::string& kind)
        : request_(request), info_(request.begin(IFLA_LINKINFO)) {
        request.put(IFLA_INFO_KIND, kind);
        data_ = request.begin(IFLA_INFO_DATA);
    }
    ~OfKind() {
        request_.end(data_);
        request_.end(info_);
    }
    OfKind(const OfKind&) = delete;
    OfKind& operator=(const OfKind&) = delete;

  private:
    LinkRequest& request_;
    std::size_t info_;
    std::size_t data_ = 0;
};

}  // namespace

Result<std::optional<Link>> KernelLinks::find(const std::string& name) {
    LinkRequest request(RTM_GETLINK, 0);
    request.put(IFLA_IFNAME, name);
    auto answer = request.ask(name);
    if (!answer && answer.error().code == Code::not_found) return std::optional<Link>();
    if (!answer) return std::unexpected(std::move(answer).error());
    Link link{.index = answer->index, .name = name, .up = (answer->flags & IFF_UP) != 0};
    link.alias = text_attribute(answer->attributes, IFLA_IFALIAS);
    const auto info = find_attribute(answer->attributes, IFLA_LINKINFO);
    link.kind = text_attribute(info, IFLA_INFO_KIND);
    if (link.kind != "can") return link;
    const auto data = find_attribute(info, IFLA_INFO_DATA);
    link.bitrate = value_of<can_bittiming>(data, IFLA_CAN_BITTIMING).bitrate;
    link.listens = (value_of<can_ctrlmode>(data, IFLA_CAN_CTRLMODE).flags & CAN_CTRLMODE_LISTENONLY) != 0;
    return link;
}

Result<> KernelLinks::make_virtual(const std::string& name) {
    LinkRequest request(RTM_NEWLINK, 0, NLM_F_CREATE | NLM_F_EXCL);
    request.put(IFLA_IFNAME, name);
    const std::uint32_t longest = CAN_MTU;
    request.put(IFLA_MTU, &longest, sizeof longest);
    const auto info = request.begin(IFLA_LINKINFO);
    request.put(IFLA_INFO_KIND, "vcan");
    request.end(info);
    auto made = request.send(name);
    if (!made && made.error().code == Code::unsupported)
        return fail(Code::unsupported, "the kernel has no CONFIG_CAN_VCAN", name, {}, "modprobe vcan");
    return made;
}

Result<> KernelLinks::remove(const Link& link) {
    auto removed = LinkRequest(RTM_DELLINK, link.index).send(link.name);
    if (!removed && removed.error().code == Code::not_found) return {};
    return removed;
}

Result<> KernelLinks::set_up(const Link& link, bool up) {
    LinkRequest request(RTM_NEWLINK, link.index);
    request.set_flags(up ? IFF_UP : 0, IFF_UP);
    return request.send(link.name + (up ? ", to set it up" : ", to set it down"));
}

Result<> KernelLinks::set_alias(const Link& link, const std::string& alias) {
    LinkRequest request(RTM_NEWLINK, link.index);
    request.put(IFLA_IFALIAS, alias.data(), alias.size());
    return request.send(link.name + ", to mark it");
}

Result<> KernelLinks::set_bits(const Link& link, unsigned bitrate, bool listens) {
    LinkRequest request(RTM_NEWLINK, link.index);
    {
        const OfKind of_kind(request, "can");
        can_bittiming timing{};
        timing.bitrate = bitrate;  // the kernel works the rest out from the controller's clock
        request.put(IFLA_CAN_BITTIMING, &timing, sizeof timing);
        const can_ctrlmode mode{CAN_CTRLMODE_LISTENONLY, listens ? CAN_CTRLMODE_LISTENONLY : 0U};
        // Not even that it is off may be said to one that can't.
        if (listens || link.listens) request.put(IFLA_CAN_CTRLMODE, &mode, sizeof mode);
    }
    return request.send(link.name + ", " + std::to_string(bitrate) + " bit/s");
}

Result<> KernelLinks::set_restart(const Link& link, unsigned milliseconds) {
    LinkRequest request(RTM_NEWLINK, link.index);
    {
        const OfKind of_kind(request, "can");
        const std::uint32_t after = milliseconds;
        request.put(IFLA_CAN_RESTART_MS, &after, sizeof after);
    }
    return request.send(link.name + ", to restart after bus-off");
}

}  // namespace bulkhead::passthrough::can
