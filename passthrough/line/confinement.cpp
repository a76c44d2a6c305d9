#include "passthrough/line/confinement.hpp"

#include <string_view>

#include "policies/profile.hpp"
#include "policies/sandbox.hpp"

namespace bulkhead::passthrough::line {
namespace {

constexpr std::string_view profile_text =
#include "passthrough/line/line_profile.inc"
    ;

}  // namespace

Result<> confine() {
    BULKHEAD_TRY_ASSIGN(const policies::Profile profile,
                        policies::parse_profile(profile_text, "line.profile"));
    // A terminal belongs to root, as we do: it needs no capability to be opened.
    BULKHEAD_TRY(policies::drop_capabilities({}));
    // Refuse, not kill: a C library that asks for one thing more must not take a machine's line away.
    return policies::enter(profile, policies::OnViolation::refuse);
}

}  // namespace bulkhead::passthrough::line
