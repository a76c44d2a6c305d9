// The second check, on what is about to leave over an interface: as evaluate(), from the meaning of layout.h.
// It knows who stands where and which zones may be sent what from which, and neither rules nor connections.
#pragma once

#include <optional>
#include <span>

#include "vnet/explain/packet.hpp"
#include "vnet/ir.hpp"

namespace bulkhead::vnet::explain {

struct Leaving {
    std::uint32_t came = 0;               // ifindex that it came in from; 0: the host's own stack
    std::uint32_t goes = 0;               // and that it leaves over
    std::span<const std::uint8_t> frame;  // with its tag
};

// Nothing if it may leave.
std::optional<switch_drop> check_again(const Ir& ir, const Leaving& leaving);

}  // namespace bulkhead::vnet::explain
