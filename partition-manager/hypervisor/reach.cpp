#include "partition-manager/hypervisor/reach.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

namespace bulkhead::hypervisor {

namespace {

struct User {
    uid_t id = 0;
    gid_t group = 0;
};

User find_user() {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    if (::getpwnam_r(qemu_user, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
        return {};
    return {entry.pw_uid, entry.pw_gid};
}

}  // namespace

uid_t qemu_user_id() {
    return find_user().id;
}

Result<> give_to_qemu(int fd, const std::filesystem::path& path) {
    if (::geteuid() != 0) return {};
    const auto user = find_user();
    if (user.id == 0) return {};
    if (::fchown(fd, user.id, user.group) != 0)
        return fail_errno("can't give the file to " + std::string(qemu_user), path.string());
    return {};
}

Result<> require_reachable(const std::filesystem::path& folder) {
    std::filesystem::path passed;
    for (const auto& part : folder) {
        passed /= part;
        struct stat status{};
        if (::stat(passed.c_str(), &status) != 0) return {};
        if ((status.st_mode & S_IXOTH) == 0)
            return fail(Code::refused, std::string("user ") + qemu_user + " can't pass this folder",
                        passed.string(), "mode o+x", "run: chmod o+x " + passed.string());
    }
    return {};
}

}  // namespace bulkhead::hypervisor
