// What libbpf returns: a negative errno, or -1 with errno set.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::vnet {

inline std::unexpected<Error> fail_bpf(int result, std::string what, std::string where = {}) {
    return fail_errno(result < 0 && result != -1 ? -result : errno, std::move(what), std::move(where));
}

// libbpf talks on stderr by itself; what matters comes back as errno. From here on it is only listened to.
void hush_libbpf();

// Why the kernel's verifier refused the program that this thread tried to load last, in its own words; empty
// if it did not say.
std::string last_refusal();

// The verifier's last words before its statistics, in what libbpf says of a program that was refused.
std::string refusal_in(std::string_view text);

}  // namespace bulkhead::vnet
