// The Ir that the kernel's maps hold at the moment.
#pragma once

#include "vnet/ir.hpp"
#include "vnet/maps.hpp"

namespace bulkhead::vnet {

// Entries of arrays that are zero are left out. While someone writes, it may be a mixture; policy choices are
// as they stand, with what was before.
Result<Ir> read_ir(const PolicyMaps& maps);

// The tables of ports alone, the rest is empty.
Result<Ir> read_ports(const PolicyMaps& maps);

}  // namespace bulkhead::vnet
