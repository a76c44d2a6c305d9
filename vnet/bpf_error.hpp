// What libbpf returns: a negative errno, or -1 with errno set.
#pragma once

#include <cerrno>
#include <string>

#include "base/error.hpp"

namespace bulkhead::vnet {

inline std::unexpected<Error> fail_bpf(int result, std::string what, std::string where = {}) {
    return fail_errno(result < 0 && result != -1 ? -result : errno, std::move(what), std::move(where));
}

// libbpf talks on stderr by itself; what matters comes back as errno.
void hush_libbpf();

}  // namespace bulkhead::vnet
