#include "partition-manager/hypervisor/reach.hpp"

#include <sys/stat.h>

#include <string>

namespace bulkhead::hypervisor {

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
