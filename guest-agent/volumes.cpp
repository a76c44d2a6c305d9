#include "guest-agent/volumes.hpp"

#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/file.hpp"
#include "base/text.hpp"

namespace bulkhead::agent {
namespace {

Result<std::filesystem::path> find_disk(const std::string& serial) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/sys/block", ignored)) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with("vd")) continue;
        std::ifstream file(entry.path() / "serial");
        std::string text;
        std::getline(file, text);
        if (trimmed(text) == serial) return std::filesystem::path("/dev") / name;
    }
    return fail(Code::not_found, "no disk has the serial number '" + printable(serial, 32) + "'");
}

// The same places that the spec allows: the host is trusted, but its data is checked at this edge too.
bool may_be_mounted_at(const std::string& mount) {
    const std::filesystem::path path(mount);
    if (path.lexically_normal() != path || mount.ends_with('/')) return false;
    return std::ranges::any_of(std::array{"/data", "/var", "/srv"}, [&mount](std::string_view top) {
        return mount == top || mount.starts_with(std::string(top) + "/");
    });
}

bool is_mounted(const std::string& mount) {
    std::ifstream mounts("/proc/self/mounts");
    std::string source;
    std::string target;
    std::string rest;
    while (mounts >> source >> target && std::getline(mounts, rest))
        if (target == mount) return true;
    return false;
}

}  // namespace

Result<> mount_volume(const v1::Volume& volume, const std::optional<User>& owner) {
    if (!may_be_mounted_at(volume.mount()))
        return fail(Code::refused, "'" + printable(volume.mount(), 128) + "' is no place for a volume",
                    volume.name(), "a path below /data, /var or /srv");
    if (is_mounted(volume.mount())) return {};
    BULKHEAD_TRY_ASSIGN(const std::filesystem::path disk, find_disk(volume.name()));
    BULKHEAD_TRY(make_folder(volume.mount()));
    // Data is not code: nothing on a volume is executed, so what an attacker writes there does not run after
    // a restart.
    constexpr unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME;
    if (::mount(disk.c_str(), volume.mount().c_str(), "ext4", flags, nullptr) != 0)
        return fail_errno("can't mount volume '" + volume.name() + "'", volume.mount());
    if (owner && ::chown(volume.mount().c_str(), owner->uid, owner->gid) != 0)
        return fail_errno("can't give volume '" + volume.name() + "' to the application", volume.mount());
    return {};
}

Result<> mount_bundle() {
    if (is_mounted(bundle_folder)) return {};
    BULKHEAD_TRY_ASSIGN(const std::filesystem::path disk, find_disk("bulkhead.bundle"));
    BULKHEAD_TRY(make_folder(bundle_folder));
    constexpr unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOATIME;
    if (::mount(disk.c_str(), bundle_folder, "ext4", flags, nullptr) != 0)
        return fail_errno("can't mount the bundle", bundle_folder);
    return {};
}

Result<> unmount_volume(const v1::Volume& volume) {
    if (!is_mounted(volume.mount())) return {};
    // A process that was just killed lets go of its folder a moment later. Nobody waits for us any more: may
    // block.
    for (int attempt = 0; attempt < 20; ++attempt) {
        if (::umount2(volume.mount().c_str(), 0) == 0) return {};
        if (errno != EBUSY) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    // Someone still holds it: read-only at least writes everything out and marks it clean.
    if (::mount(nullptr, volume.mount().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0) return {};
    return fail_errno("can't unmount", volume.mount());
}

Result<v1::DiskUse> use_of(const v1::Volume& volume) {
    struct statvfs state{};
    if (!is_mounted(volume.mount())) return fail(Code::not_found, "not mounted", volume.mount());
    if (::statvfs(volume.mount().c_str(), &state) != 0) return fail_errno("can't measure", volume.mount());
    v1::DiskUse use;
    use.set_name(volume.name());
    use.set_total_kib(state.f_blocks * state.f_frsize / 1024);
    use.set_used_kib((state.f_blocks - state.f_bfree) * state.f_frsize / 1024);
    return use;
}

}  // namespace bulkhead::agent
