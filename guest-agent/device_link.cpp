#include "guest-agent/device_link.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/name.hpp"
#include "base/text.hpp"

namespace bulkhead::agent {
namespace {

namespace fs = std::filesystem;

constexpr gid_t dialout = 20;  // images/partition-base/group

}  // namespace

fs::path device_link(const std::string& device, const fs::path& root) {
    return root / "dev/bulkhead" / device;
}

Result<> lead_to(const std::string& device, const fs::path& node, const fs::path& root) {
    if (!is_label(device))
        return fail(Code::refused, "'" + printable(device, 64) + "' is no name of a device");
    const auto link = device_link(device, root);
    std::error_code error;
    const bool right = fs::read_symlink(link, error) == node;
    if (node.empty()) return remove_file(link);
    const auto there = root / node.relative_path();
    if (::chown(there.c_str(), static_cast<uid_t>(-1), dialout) != 0 || ::chmod(there.c_str(), 0660) != 0)
        return fail_errno("the application can't have the device", there.string());
    if (right) return {};
    BULKHEAD_TRY(make_folder(link.parent_path()));
    BULKHEAD_TRY(remove_file(link));
    if (::symlink(node.c_str(), link.c_str()) != 0) return fail_errno("can't name the device", link.string());
    return {};
}

}  // namespace bulkhead::agent
