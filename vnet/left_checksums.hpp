// Checksums that guests leave to the host: does this kernel tell the switch where they would be written?
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/error.hpp"
#include "vnet/bpf/left_checksums.h"
#include "vnet/tap.hpp"

namespace bulkhead::vnet {

struct LeftChecksums {
    bool told = false;  // so guests may leave them, and segments with them
    std::string why;    // not told; empty if they are
};

// What the switch's question about a frame of a guest is answered with; nothing: the kernel takes no such
// frame.
using AskKernel = std::function<Result<std::optional<left_checksum>>(std::span<const std::uint8_t> frame,
                                                                     const VirtioHeader& header)>;

// Asks about checksums in their place and about each place before it, of TCP and UDP over IPv4 and IPv6, and
// of super-frames. Told is only what is told of each; whatever goes wrong counts as not told.
LeftChecksums judge_left_checksums(const AskKernel& ask);

// Of this kernel: sends those frames into a tap that is gone when this returns, and asks what the switch asks
// of a guest's (bpf/offload.h). Needs root.
LeftChecksums find_left_checksums();

}  // namespace bulkhead::vnet
