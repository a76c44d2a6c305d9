#include "images/bundle/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <utility>

#include "base/file.hpp"
#include "base/units.hpp"

namespace bulkhead::images {

Result<MappedFile> MappedFile::open(const std::filesystem::path& path, std::uint64_t limit) {
    BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(path, O_RDONLY | O_NONBLOCK));
    return of(fd, limit, path.string());
}

Result<MappedFile> MappedFile::of(const Fd& fd, std::uint64_t limit, const std::string& where) {
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) return fail_errno("can't stat", where);
    if (!S_ISREG(status.st_mode)) return fail(Code::invalid, "is not a regular file", where);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > limit)
        return fail(Code::invalid, "has " + std::to_string(size) + " bytes", where,
                    "at most " + std::to_string(limit) + " bytes");
    if (size == 0) return MappedFile(nullptr, 0);
    void* const at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (at == MAP_FAILED) return fail_errno("can't map", where);
    return MappedFile(at, size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : at_(std::exchange(other.at_, nullptr)), size_(std::exchange(other.size_, 0)) {
}

MappedFile::~MappedFile() {
    if (at_ != nullptr) ::munmap(at_, size_);
}

}  // namespace bulkhead::images
