#include "vnet/router/process/settings.hpp"

#include <utility>

#include "vnet/space/own_network.hpp"

namespace bulkhead::vnet::router {

Result<> settle_namespace() {
    for (const auto& [path, value] :
         {std::pair{"ipv4/conf/all/accept_redirects", "0"},
          std::pair{"ipv4/conf/default/accept_redirects", "0"},
          std::pair{"ipv4/conf/all/send_redirects", "0"}, std::pair{"ipv4/conf/default/send_redirects", "0"},
          // The ruleset judges sources: an uplink's answers may take another way.
          std::pair{"ipv4/conf/all/rp_filter", "0"}, std::pair{"ipv4/conf/default/rp_filter", "0"},
          std::pair{"ipv4/ip_forward", "1"}})
        BULKHEAD_TRY(write_setting(path, value));
    for (const auto& [path, value] :
         {std::pair{"ipv6/conf/default/disable_ipv6", "1"}, std::pair{"ipv6/conf/default/accept_ra", "0"},
          std::pair{"ipv6/conf/all/forwarding", "1"}})
        BULKHEAD_TRY(write_setting6(path, value));
    return {};
}

Result<> allow_ipv6(const std::string& interface) {
    return write_setting("ipv6/conf/" + interface + "/disable_ipv6", "0");
}

}  // namespace bulkhead::vnet::router
