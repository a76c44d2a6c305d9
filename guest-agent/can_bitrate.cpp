#include "guest-agent/can_bitrate.hpp"

#include <linux/can/netlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "base/link_request.hpp"

namespace bulkhead::agent {

Result<> set_bitrate(const std::string& interface, unsigned bits_per_second) {
    const unsigned index = ::if_nametoindex(interface.c_str());
    if (index == 0) return fail_errno("no such interface", interface);
    LinkRequest request(RTM_NEWLINK, index);
    const auto info = request.begin(IFLA_LINKINFO);
    request.put(IFLA_INFO_KIND, "can");
    const auto data = request.begin(IFLA_INFO_DATA);
    can_bittiming timing{};
    timing.bitrate = bits_per_second;  // the kernel works the rest out from the controller's clock
    request.put(IFLA_CAN_BITTIMING, &timing, sizeof timing);
    request.end(data);
    request.end(info);
    return request.send(interface + ", " + std::to_string(bits_per_second) + " bit/s");
}

}  // namespace bulkhead::agent
