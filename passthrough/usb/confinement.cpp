#include "passthrough/usb/confinement.hpp"

#include <sys/resource.h>

#include <string_view>

#include "policies/profile.hpp"
#include "policies/sandbox.hpp"

namespace bulkhead::passthrough::usb {
namespace {

constexpr std::string_view profile_text =
#include "passthrough/usb/usb_owner_profile.inc"
    ;

// A guest says how long its transfers are, and how many there are at a time. What goes beyond this is refused
// to it, or ends this process; never the gateway's memory.
constexpr rlim_t most_memory = 64U << 20;

Result<> bound_memory() {
#ifndef __SANITIZE_ADDRESS__  // whose own memory is a thousand times that
    const rlimit memory{most_memory, most_memory};
    if (::setrlimit(RLIMIT_DATA, &memory) != 0) return fail_errno("can't bound its own memory");
#endif
    return {};
}

}  // namespace

Result<> confine() {
    BULKHEAD_TRY_ASSIGN(const policies::Profile profile,
                        policies::parse_profile(profile_text, "usb-owner.profile"));
    BULKHEAD_TRY(bound_memory());
    // The nodes of USB devices belong to root, as we do: they need no capability to be opened.
    BULKHEAD_TRY(policies::drop_capabilities({}));
    // Refuse, not kill: a C library that asks for one thing more must not take a machine's device away.
    return policies::enter(profile, policies::OnViolation::refuse);
}

}  // namespace bulkhead::passthrough::usb
