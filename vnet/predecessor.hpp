// The switch that an older version of Bulkhead left in the kernel: its programs stand on our interfaces, with
// maps of a format that this one can't read.
#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "model/layout.hpp"
#include "vnet/link.hpp"
#include "vnet/program.hpp"

namespace bulkhead::vnet {

// A folder per format of the maps: a build never reads what it does not understand.
std::filesystem::path pins_of(const model::Layout& layout);

// Code::conflict if a newer version's switch is there, or what is no switch: nothing is changed then.
Result<> refuse_newer(const model::Layout& layout);

// Puts this build's programs in the place of an older one's on every interface of ours, and takes what that
// one had pinned away. Their maps know none of those interfaces yet: until each port is made anew, as after
// tampering, nothing passes. Partitions run on; connections must be opened anew. Whoever dies in between
// leaves the rest to the next start.
Result<> replace_predecessor(const model::Layout& layout, const Program& program, Links& links);

}  // namespace bulkhead::vnet
