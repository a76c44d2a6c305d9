// A seccomp profile as data: the system calls that a program may make, each with the reason why.
//
//   # Text behind '#' on a line of its own is for people.
//   read                             # its lines and sockets
//   socket   arg0=2                  # AF_INET
//   clone    arg0&0x7E020000=0       # threads and processes, but no namespace of its own
//   clone3   errno=ENOSYS            # glibc then falls back to clone, whose flags a filter can see
//
// All that is not listed is a violation. An entry without a reason is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::policies {

// Holds if (argument `index` & mask) == value.
struct ArgumentIs {
    unsigned index = 0;
    std::uint64_t mask = ~std::uint64_t{0};
    std::uint64_t value = 0;
    bool operator==(const ArgumentIs&) const = default;
};

struct ProfileEntry {
    std::string call;
    std::optional<ArgumentIs> only_if;
    int error = 0;  // 0: allowed; else the call fails with this errno, and that is no violation
    std::string reason;
    bool operator==(const ProfileEntry&) const = default;
};

struct Profile {
    std::vector<ProfileEntry> entries;
};

// `name` is for places in errors: application.profile:12.
Result<Profile> parse_profile(std::string_view text, std::string_view name = "profile");

}  // namespace bulkhead::policies
