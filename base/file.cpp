#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace bulkhead {
namespace {

Result<> write_all(int fd, std::string_view content, const std::string& where) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno("can't write", where);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<> sync_folder(const std::filesystem::path& folder) {
    BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY));
    if (::fsync(fd.get()) != 0) return fail_errno("can't sync the folder", folder.string());
    return {};
}

}  // namespace

Result<Fd> open_file(const std::filesystem::path& path, int flags, unsigned mode) {
    Fd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
    if (!fd) return fail_errno("can't open", path.string());
    return fd;
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
    BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(path, O_RDONLY | O_NONBLOCK));
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) return fail_errno("can't stat", path.string());
    if (!S_ISREG(status.st_mode)) return fail(Code::invalid, "is not a regular file", path.string());
    const auto too_large = [&] {
        return fail(Code::invalid, "the file is larger than " + std::to_string(limit) + " bytes",
                    path.string());
    };
    if (status.st_size > 0 && static_cast<std::size_t>(status.st_size) > limit) return too_large();
    std::string content;
    content.reserve(static_cast<std::size_t>(status.st_size));
    char chunk[16384];  // NOLINT(modernize-avoid-c-arrays)
    while (true) {
        const ssize_t got = ::read(fd.get(), chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno("can't read", path.string());
        if (got == 0) return content;
        content.append(chunk, static_cast<std::size_t>(got));
        if (content.size() > limit) return too_large();
    }
}

Result<> write_file_atomically(const std::filesystem::path& path, std::string_view content, unsigned mode) {
    const std::filesystem::path beside = path.string() + ".new";
    {
        BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(beside, O_WRONLY | O_CREAT | O_TRUNC, mode));
        BULKHEAD_TRY(write_all(fd.get(), content, beside.string()));
        if (::fchmod(fd.get(), mode) != 0) return fail_errno("can't set the mode", beside.string());
        if (::fsync(fd.get()) != 0) return fail_errno("can't sync", beside.string());
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) return fail_errno("can't rename", beside.string());
    return sync_folder(path.parent_path());
}

Result<> make_folder(const std::filesystem::path& path, unsigned mode) {
    std::error_code ec;
    std::filesystem::create_directories(path, ec);
    if (ec) return fail(Code::io, "can't make the folder: " + ec.message(), path.string());
    if (::chmod(path.c_str(), mode) != 0) return fail_errno("can't set the mode", path.string());
    return {};
}

Result<> remove_file(const std::filesystem::path& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno("can't remove", path.string());
    return {};
}

}  // namespace bulkhead
