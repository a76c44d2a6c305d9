#include "partition-manager/hypervisor/volume_driver.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "base/file.hpp"
#include "base/text.hpp"
#include "partition-manager/hypervisor/reach.hpp"

namespace bulkhead::hypervisor {
namespace {

constexpr const char* mke2fs_path = "/usr/sbin/mke2fs";

Result<> sync_folder(const std::filesystem::path& folder) {
    BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(folder, O_RDONLY | O_DIRECTORY));
    if (::fsync(fd.get()) != 0) return fail_errno("can't sync the folder", folder.string());
    return {};
}

Result<> reserve(int fd, Bytes size, const std::filesystem::path& path) {
    // Not posix_fallocate: where the file system can't reserve, that would write every block.
    int failed = 0;
    do failed = ::fallocate(fd, 0, 0, static_cast<off_t>(size.count)) == 0 ? 0 : errno;
    while (failed == EINTR);
    if (failed == EOPNOTSUPP) {
        if (::ftruncate(fd, static_cast<off_t>(size.count)) != 0)
            return fail_errno("can't size", path.string());
        return {};
    }
    if (failed == ENOSPC || failed == EDQUOT || failed == EFBIG) {
        std::error_code ignored;
        const auto space = std::filesystem::space(path.parent_path(), ignored);
        return fail(Code::unavailable, "there is no room for a volume of " + to_string(size), path.string(),
                    "at most " + std::to_string(space.available / (1024 * 1024)) + "MiB",
                    "make the volume smaller, or free space: df -h " + path.parent_path().string());
    }
    if (failed != 0) return fail_errno(failed, "can't reserve " + to_string(size), path.string());
    return {};
}

// Its messages: the last line says what went wrong.
std::string read_messages(int fd) {
    std::string text(4096, '\0');
    const auto got = ::pread(fd, text.data(), text.size(), 0);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    std::string last;
    for (const auto& line : split_text(text, '\n')) {
        if (!trimmed(line).empty()) last = printable(trimmed(line), 200);
    }
    return last;
}

Result<> make_file_system(const std::filesystem::path& path, const std::string& label) {
    // No discard: it would give back the reserved space. The file is known to read as zeros.
    const std::array<std::string, 13> arguments{mke2fs_path,
                                                "-q",
                                                "-F",
                                                "-t",
                                                "ext4",
                                                "-m",
                                                "0",
                                                "-L",
                                                label.substr(0, 16),  // ext4 labels have 16 bytes
                                                "-E",
                                                "nodiscard,assume_storage_prezeroed=1",
                                                "--",
                                                path.string()};
    std::array<char*, arguments.size() + 1> argv{};
    for (std::size_t i = 0; i < arguments.size(); ++i) argv[i] = const_cast<char*>(arguments[i].c_str());
    std::array<char*, 3> environment{const_cast<char*>("PATH=/usr/sbin:/usr/bin:/sbin:/bin"),
                                     const_cast<char*>("LC_ALL=C"), nullptr};

    const Fd messages(::memfd_create("mke2fs", MFD_CLOEXEC));
    if (!messages) return fail_errno("can't make a file for messages");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, messages.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, messages.get(), STDERR_FILENO);
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, mke2fs_path, &actions, nullptr, argv.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        return fail(Code::unavailable, "can't start: " + std::generic_category().message(failed), mke2fs_path,
                    "", "run: apt-get install e2fsprogs");
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fail(Code::io, "mke2fs failed: " + read_messages(messages.get()), path.string());
    return {};
}

}  // namespace

bool VolumeDriver::handles(const model::Action& action) const {
    return std::holds_alternative<model::CreateVolume>(action) ||
           std::holds_alternative<model::DeleteVolume>(action);
}

Result<> VolumeDriver::observe(model::Observed& observed) {
    std::error_code error;
    const auto root = layout_.state / "volumes";
    for (std::filesystem::directory_iterator folder(root, error), end; !error && folder != end;
         folder.increment(error)) {
        for (std::filesystem::directory_iterator file(folder->path(), error); !error && file != end;
             file.increment(error)) {
            // What a crash left half made ends with .new.
            struct stat status{};
            if (file->path().extension() != ".img" || ::lstat(file->path().c_str(), &status) != 0 ||
                !S_ISREG(status.st_mode))
                continue;
            const model::VolumeId id{model::PartitionName(folder->path().filename().string()),
                                     model::VolumeName(file->path().stem().string())};
            observed.volumes[id] = {.id = id, .size = {static_cast<std::uint64_t>(status.st_size)}};
        }
        if (error == std::errc::not_a_directory) error.clear();
    }
    if (error && error != std::errc::no_such_file_or_directory)
        return fail(Code::io, "can't look for volumes: " + error.message(), root.string());
    return {};
}

Result<> VolumeDriver::execute(const model::Action& action) {
    if (const auto* step = std::get_if<model::CreateVolume>(&action)) return create(step->disk);
    if (const auto* step = std::get_if<model::DeleteVolume>(&action)) return remove(step->id);
    return fail(Code::internal, "not a step of this driver", model::subject(action));
}

Result<> VolumeDriver::create(const model::VolumeDisk& disk) const {
    const auto path = layout_.volume(disk.id.partition, disk.id.volume);
    const auto folder = path.parent_path();
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) {
        if (static_cast<std::uint64_t>(status.st_size) == disk.size.count) return {};
        return fail(
            Code::conflict, "the volume has " + to_string(Bytes{static_cast<std::uint64_t>(status.st_size)}),
            disk.id.str(), to_string(disk.size), "keep its size, or give the new volume another name");
    }
    // QEMU may pass through, and nobody may list: the files are named in each machine's definition.
    BULKHEAD_TRY(make_folder(folder.parent_path(), 0711));
    BULKHEAD_TRY(make_folder(folder, 0711));
    BULKHEAD_TRY(require_reachable(folder));

    const std::filesystem::path beside = path.string() + ".new";
    const auto made = [&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(beside, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600));
        BULKHEAD_TRY(reserve(fd.get(), disk.size, beside));
        BULKHEAD_TRY(make_file_system(beside, disk.id.volume.str()));
        // Again: mke2fs of Debian 13 gives back blocks that it zeroes, although told not to discard.
        BULKHEAD_TRY(reserve(fd.get(), disk.size, beside));
        BULKHEAD_TRY(give_to_qemu(fd.get(), beside));
        if (::fsync(fd.get()) != 0) return fail_errno("can't sync", beside.string());
        if (::rename(beside.c_str(), path.c_str()) != 0) return fail_errno("can't rename", beside.string());
        return {};
    }();
    if (!made) {
        (void)remove_file(beside);
        return made;
    }
    BULKHEAD_TRY(sync_folder(folder));
    return sync_folder(folder.parent_path());
}

Result<> VolumeDriver::remove(const model::VolumeId& id) const {
    const auto path = layout_.volume(id.partition, id.volume);
    BULKHEAD_TRY(remove_file(path.string() + ".new"));
    BULKHEAD_TRY(remove_file(path));
    const auto folder = path.parent_path();
    if (::rmdir(folder.c_str()) == 0) return sync_folder(folder.parent_path());
    if (errno == ENOENT) return {};
    if (errno != ENOTEMPTY && errno != EEXIST) return fail_errno("can't remove the folder", folder.string());
    return sync_folder(folder);
}

}  // namespace bulkhead::hypervisor
