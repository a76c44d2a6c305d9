#include "guest-agent/secrets.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/name.hpp"
#include "base/text.hpp"

namespace bulkhead::agent {
namespace {

Result<> give(const std::filesystem::path& path, const std::optional<User>& owner) {
    if (owner && ::chown(path.c_str(), owner->uid, owner->gid) != 0)
        return fail_errno("can't give a secret to the application", path);
    return {};
}

// Written beside under a hidden name and renamed: the application sees the old one or the new one.
Result<> put(const std::filesystem::path& folder, const std::string& name, const std::string& value,
             const std::optional<User>& owner) {
    const auto beside = folder / ("." + name);
    BULKHEAD_TRY(remove_file(beside));
    BULKHEAD_TRY(write_file_atomically(beside, value, 0400));
    BULKHEAD_TRY(give(beside, owner));
    std::error_code ec;
    std::filesystem::rename(beside, folder / name, ec);
    if (ec) return fail(Code::io, "can't put a secret in place: " + ec.message(), (folder / name).string());
    return {};
}

}  // namespace

Result<> put_secrets(const std::filesystem::path& folder, const v1::Secrets& secrets,
                     const std::optional<User>& owner) {
    for (const auto& [name, value] : secrets.values())
        if (!is_label(name))
            return fail(Code::refused, "'" + printable(name, 64) + "' is no name of a secret");
    std::error_code ec;
    if (secrets.values().empty()) {
        std::filesystem::remove_all(folder, ec);
        if (ec) return fail(Code::io, "can't remove the secrets: " + ec.message(), folder.string());
        return {};
    }
    BULKHEAD_TRY(make_folder(folder.parent_path(), 0755));
    BULKHEAD_TRY(make_folder(folder, 0500));
    BULKHEAD_TRY(give(folder, owner));
    for (const auto& [name, value] : secrets.values()) BULKHEAD_TRY(put(folder, name, value, owner));
    for (std::filesystem::directory_iterator entry(folder, ec), end; !ec && entry != end; entry.increment(ec))
        if (!secrets.values().contains(entry->path().filename().string()))
            BULKHEAD_TRY(remove_file(entry->path()));
    if (ec) return fail(Code::io, "can't read the folder of secrets: " + ec.message(), folder.string());
    return {};
}

}  // namespace bulkhead::agent
