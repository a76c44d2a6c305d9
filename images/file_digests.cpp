#include "images/file_digests.hpp"

#include <fcntl.h>

#include "base/file.hpp"
#include "crypto/digest.hpp"

namespace bulkhead::images {

Result<std::string> FileDigests::of(const std::filesystem::path& path, const Fd& fd, const Stamp& stamp) {
    if (const auto seen = seen_.find(path); seen != seen_.end() && seen->second.stamp == stamp)
        return seen->second.sha256;
    const bool settled = is_settled(stamp, clock_.utc());
    BULKHEAD_TRY_ASSIGN(std::string digest, crypto::sha256_of_rest(fd.get(), path.string()));
    BULKHEAD_TRY_ASSIGN(const Stamp after, stamp_of(fd, path.string()));
    if (after != stamp)
        return fail(Code::conflict, "changed while it was read", path.string(), "a file at rest",
                    "let whatever writes it finish");
    if (settled) seen_.insert_or_assign(path, Seen{stamp, digest});
    return digest;
}

Result<std::string> FileDigests::of(const std::filesystem::path& path) {
    // NONBLOCK: a pipe in its place must not hang us.
    BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(path, O_RDONLY | O_NONBLOCK));
    BULKHEAD_TRY_ASSIGN(const Stamp stamp, stamp_of(fd, path.string()));
    return of(path, fd, stamp);
}

}  // namespace bulkhead::images
