#include "vnet/capture/process/confinement.hpp"

#include <linux/capability.h>

#include <array>
#include <string_view>

#include "policies/profile.hpp"
#include "policies/sandbox.hpp"

namespace bulkhead::vnet::capture {
namespace {

constexpr std::string_view profile_text =
#include "vnet/capture/process/capture_profile.inc"
    ;

constexpr std::array for_sockets{CAP_NET_RAW, CAP_NET_ADMIN};

}  // namespace

Result<> keep_what_opens_sockets() {
    BULKHEAD_TRY(policies::drop_capabilities(for_sockets));
    return policies::forbid_new_privileges();
}

Result<> confine() {
    BULKHEAD_TRY_ASSIGN(const policies::Profile profile,
                        policies::parse_profile(profile_text, "capture.profile"));
    BULKHEAD_TRY(policies::drop_capabilities({}));
    // Refuse, not kill: a C library that asks for one thing more must not end a capture.
    return policies::enter(profile, policies::OnViolation::refuse);
}

}  // namespace bulkhead::vnet::capture
