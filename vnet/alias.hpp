// What we write on a tap, so that the kernel itself says whose it is: bulkhead:OWNER:PARTITION:INDEX:ZONE.
#pragma once

#include <optional>
#include <string>

#include "model/layout.hpp"
#include "model/resources.hpp"
#include "vnet/link.hpp"

namespace bulkhead::vnet {

std::string alias_of(const model::Layout& layout, const model::Port& port);

// The port that a tap of this layout's owner was made for, without its MAC and IPv4 address; nothing if the
// interface is not ours to touch.
std::optional<model::Port> port_of(const model::Layout& layout, const Link& link);

}  // namespace bulkhead::vnet
