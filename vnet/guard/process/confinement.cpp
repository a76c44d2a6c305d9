#include "vnet/guard/process/confinement.hpp"

#include <linux/capability.h>

#include <array>
#include <string_view>

#include "policies/profile.hpp"
#include "policies/sandbox.hpp"

namespace bulkhead::vnet::guard {
namespace {

constexpr std::string_view profile_text =
#include "vnet/guard/process/guard_profile.inc"
    ;

// For IP_TRANSPARENT (ip(7)). It opens no raw socket here: the profile allows streams alone.
constexpr std::array kept{CAP_NET_RAW};

}  // namespace

Result<> confine() {
    BULKHEAD_TRY_ASSIGN(const policies::Profile profile,
                        policies::parse_profile(profile_text, "guard.profile"));
    BULKHEAD_TRY(policies::drop_capabilities(kept));
    // Refuse, not kill: a C library that asks for one thing more must not cut a tenant's conduits.
    return policies::enter(profile, policies::OnViolation::refuse);
}

}  // namespace bulkhead::vnet::guard
