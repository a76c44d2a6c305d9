#include "vnet/router/process/confinement.hpp"

#include <linux/capability.h>

#include <array>
#include <string_view>

#include "policies/profile.hpp"
#include "policies/sandbox.hpp"

namespace bulkhead::vnet::router {
namespace {

constexpr std::string_view profile_text =
#include "vnet/router/process/router_profile.inc"
    ;

constexpr std::array kept{
    CAP_NET_ADMIN,         // links, routes and rules, of its own namespace and, for legs, of the host's
    CAP_NET_RAW,           // probes; advertisements of dnsmasq
    CAP_NET_BIND_SERVICE,  // DNS and DHCP
    CAP_SYS_ADMIN,         // into the host's namespace, to fetch a leg
    CAP_SETUID,            // dnsmasq becomes nobody
    CAP_SETGID,
    CAP_SETPCAP,
    CAP_CHOWN,  // its file of leases
    CAP_KILL,   // and is ended by us
};

}  // namespace

Result<> confine() {
    BULKHEAD_TRY_ASSIGN(const policies::Profile profile,
                        policies::parse_profile(profile_text, "router.profile"));
    BULKHEAD_TRY(policies::drop_capabilities(kept));
    // Refuse, not kill: a C library that asks for one thing more must not take a tenant's network away.
    return policies::enter(profile, policies::OnViolation::refuse);
}

}  // namespace bulkhead::vnet::router
