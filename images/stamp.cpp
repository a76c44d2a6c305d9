#include "images/stamp.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <ratio>

namespace bulkhead::images {
namespace {

using namespace std::chrono_literals;

std::int64_t nanoseconds(const timespec& time) {
    return (time.tv_sec * std::nano::den) + time.tv_nsec;
}

}  // namespace

Result<Stamp> stamp_of(const Fd& fd, const std::string& where) {
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) return fail_errno("can't stat", where);
    if (!S_ISREG(status.st_mode)) return fail(Code::corrupt, "is not a regular file", where);
    const bool ours = status.st_uid == 0 || status.st_uid == ::geteuid();
    if (!ours || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(Code::refused, "can be written by others", where, "a file that only root can write",
                    "chown root '" + where + "' && chmod go-w '" + where + "'");
    return Stamp{status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                 nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

bool is_settled(const Stamp& stamp, UtcTime now) {
    // Either way: after the clock was set back, a further change is stamped with the new time, and shows.
    const auto age = now.time_since_epoch() - std::chrono::nanoseconds(stamp.changed);
    return age > 1s || age < -1s;
}

}  // namespace bulkhead::images
