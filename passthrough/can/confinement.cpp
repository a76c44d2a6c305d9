#include "passthrough/can/confinement.hpp"

#include <string_view>

#include "policies/profile.hpp"
#include "policies/sandbox.hpp"

namespace bulkhead::passthrough::can {
namespace {

constexpr std::string_view profile_text =
#include "passthrough/can/can_owner_profile.inc"
    ;

}  // namespace

Result<> confine() {
    BULKHEAD_TRY_ASSIGN(const policies::Profile profile,
                        policies::parse_profile(profile_text, "can-owner.profile"));
    // A raw CAN socket needs none, and neither does binding it to another interface.
    BULKHEAD_TRY(policies::drop_capabilities({}));
    // Refuse, not kill: a C library that asks for one thing more must not take a machine's bus away.
    return policies::enter(profile, policies::OnViolation::refuse);
}

}  // namespace bulkhead::passthrough::can
