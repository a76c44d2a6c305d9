// What we write on an interface, so that the kernel itself says whose it is:
// bulkhead:OWNER:PARTITION:INDEX:ZONE, and :KIND if it is no tap.
#pragma once

#include <optional>
#include <string>

#include "model/layout.hpp"
#include "model/resources.hpp"
#include "vnet/link.hpp"

namespace bulkhead::vnet {

std::string alias_of(const model::Layout& layout, const model::Port& port);

// The port that an interface of this layout's owner was made for, without its addresses; nothing if the
// interface is not ours to touch.
std::optional<model::Port> port_of(const model::Layout& layout, const Link& link);

}  // namespace bulkhead::vnet
