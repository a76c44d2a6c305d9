#include "images/bundle/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/file.hpp"
#include "base/program.hpp"

namespace bulkhead::images {
namespace {

constexpr std::uint64_t disk_block = 4096;

Result<> put_file(const std::filesystem::path& path, std::string_view content, unsigned mode) {
    BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    while (!content.empty()) {
        const auto written = ::write(fd.get(), content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno("can't write", path.string());
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fchmod(fd.get(), mode) != 0) return fail_errno("can't set the mode", path.string());
    const std::array<timespec, 2> epoch{};
    if (::futimens(fd.get(), epoch.data()) != 0) return fail_errno("can't set the time", path.string());
    return {};
}

// Paths were checked by the reader, and the folder is new and ours alone, so none leads out of it.
Result<> lay_out(const Bundle& bundle, const std::filesystem::path& root) {
    for (const auto& file : bundle.files) {
        const auto path = root / file.path;
        BULKHEAD_TRY(make_folder(file.folder ? path : path.parent_path()));
        if (!file.folder) BULKHEAD_TRY(put_file(path, file.content, file.executable ? 0755 : 0644));
    }
    std::string command = bundle.document.application + '\0';
    for (const auto& argument : bundle.document.arguments) command += argument + '\0';
    BULKHEAD_TRY(make_folder(root / ".bulkhead"));
    return put_file(root / ".bulkhead/command", command, 0644);
}

// Room for files, inodes and folders, and a margin for the file system itself.
std::uint64_t disk_size(const Bundle& bundle) {
    std::uint64_t blocks = 512;
    for (const auto& file : bundle.files) blocks += file.content.size() / disk_block + 3;
    return (blocks + blocks / 16) * disk_block;
}

// An UUID by the digest, so that a disk does not differ by chance.
std::string uuid_of(const std::string& digest) {
    return digest.substr(0, 8) + "-" + digest.substr(8, 4) + "-4" + digest.substr(13, 3) + "-8" +
           digest.substr(17, 3) + "-" + digest.substr(20, 12);
}

Result<> fill_disk(const Bundle& bundle, const std::filesystem::path& disk,
                   const std::filesystem::path& root) {
    {
        BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(disk, O_WRONLY | O_CREAT | O_EXCL, 0644));
        if (::ftruncate(fd.get(), static_cast<off_t>(disk_size(bundle))) != 0)
            return fail_errno("can't size", disk.string());
    }
    const auto uuid = uuid_of(bundle.digest);
    const std::array<std::string, 17> arguments{"-q",         "-F",
                                                "-t",         "ext4",
                                                "-b",         std::to_string(disk_block),
                                                "-m",         "0",
                                                "-O",         "^has_journal,^resize_inode",
                                                "-N",         std::to_string(bundle.files.size() + 64),
                                                "-U",         uuid,
                                                "-d",         root.string(),
                                                disk.string()};
    return run_program("/usr/sbin/mke2fs", arguments, {}, "run: apt-get install e2fsprogs");
}

}  // namespace

Result<> make_bundle_disk(const Bundle& bundle, const std::filesystem::path& path,
                          const std::filesystem::path& work) {
    std::error_code ec;
    std::filesystem::remove_all(work, ec);
    BULKHEAD_TRY(make_folder(work, 0700));
    const auto made = [&]() -> Result<> {
        BULKHEAD_TRY(make_folder(work / "root"));
        BULKHEAD_TRY(lay_out(bundle, work / "root"));
        BULKHEAD_TRY(fill_disk(bundle, work / "disk.img", work / "root"));
        BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(work / "disk.img", O_RDONLY));
        // QEMU's user reads it, and nobody writes to it.
        if (::fchmod(fd.get(), 0444) != 0) return fail_errno("can't set the mode", path.string());
        if (::fsync(fd.get()) != 0) return fail_errno("can't sync", path.string());
        if (::rename((work / "disk.img").c_str(), path.c_str()) != 0)
            return fail_errno("can't rename", path.string());
        return {};
    }();
    std::filesystem::remove_all(work, ec);
    return made;
}

}  // namespace bulkhead::images
