// Tells whether a file is still the one that was read, without reading it again.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::images {

// Writing to a file, replacing it or setting its times back all change at least ctime, which only the kernel
// sets.
struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t modified = 0;  // nanoseconds since 1970
    std::int64_t changed = 0;
    auto operator<=>(const Stamp&) const = default;
};

// Of an open file, which must be regular and writable by nobody but root and ourselves: a file that others
// can write may change between our look and QEMU's.
Result<Stamp> stamp_of(const Fd& fd, const std::string& where);

// Whether another change would show in the stamp. A kernel counts ctime in ticks of up to 10 ms, so a file
// that changed just now may change once more and keep its stamp.
bool is_settled(const Stamp& stamp, UtcTime now);

}  // namespace bulkhead::images
