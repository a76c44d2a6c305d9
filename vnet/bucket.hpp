// A rate of the spec as a token bucket of the switch.
#pragma once

#include <algorithm>
#include <cstdint>

#include "vnet/bpf/layout.h"

namespace bulkhead::vnet {

// `rate` in bits per second. The burst is 50 ms of it, and never less than two super-frames of 64 KiB, or
// none would ever pass.
inline switch_bucket bucket_of(std::uint64_t rate) {
    constexpr std::uint64_t two_super_frames = 2 * 65536;
    const std::uint64_t bytes = std::max<std::uint64_t>(rate / 8, 1);
    return {bytes, std::max(bytes / 20, two_super_frames), 0};
}

}  // namespace bulkhead::vnet
