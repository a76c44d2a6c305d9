#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::images {

// A file's bytes in memory, as far as they are touched. Only for files that nobody cuts short meanwhile:
// touching what is gone ends the process.
class MappedFile {
  public:
    // Code::invalid if it is larger than `limit`.
    static Result<MappedFile> open(const std::filesystem::path& path, std::uint64_t limit);
    static Result<MappedFile> of(const Fd& fd, std::uint64_t limit, const std::string& where);
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&&) = delete;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::string_view bytes() const { return {static_cast<const char*>(at_), size_}; }

  private:
    MappedFile(void* at, std::size_t size) : at_(at), size_(size) {}
    void* at_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace bulkhead::images
