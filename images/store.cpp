#include "images/store.hpp"

#include <fcntl.h>

#include "base/file.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "crypto/digest.hpp"

namespace bulkhead::images {
namespace {

std::string mend(const std::filesystem::path& image) {
    return "make it again: images/build --output '" + image.string() + "' --agent ...";
}

Result<Fd> open_part(std::string_view role, const std::filesystem::path& path) {
    // NOFOLLOW: a part lies in its image. NONBLOCK: a pipe in its place must not hang us.
    auto fd = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fd) return fd;
    std::error_code ec;
    if (std::filesystem::exists(std::filesystem::symlink_status(path, ec))) return fd;
    return fail(Code::not_found, "the " + std::string(role) + " is missing", path.string(),
                "the file that manifest.json names", mend(path.parent_path()));
}

}  // namespace

Result<std::map<model::ImageName, model::Image>> ImageStore::verified() {
    refused_.clear();
    std::map<model::ImageName, model::Image> images;
    std::error_code ec;
    if (!std::filesystem::exists(folder_, ec) && !ec) return images;
    for (std::filesystem::directory_iterator entry(folder_, ec), end; !ec && entry != end;
         entry.increment(ec)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        if (name.starts_with('.') || !entry->is_directory(ignored)) continue;
        if (auto image = verify(entry->path()))
            images.emplace(image->name, std::move(*image));
        else
            refused_.emplace(model::ImageName(printable(name, 64)), std::move(image).error());
    }
    if (ec) return fail(Code::io, "can't read the folder: " + ec.message(), folder_.string());
    return images;
}

Result<model::Image> ImageStore::verify(const std::filesystem::path& image) {
    const auto path = image / "manifest.json";
    BULKHEAD_TRY_ASSIGN(const Fd fd, open_part("manifest", path));
    BULKHEAD_TRY(stamp_of(fd, path.string()));
    BULKHEAD_TRY_ASSIGN(const std::string text, read_file(path, manifest_limit));
    BULKHEAD_TRY_ASSIGN(const Manifest manifest, parse_manifest(text, path.string()));
    if (const std::string folder = image.filename().string(); manifest.name.str() != folder)
        return fail(Code::corrupt, "name: is '" + manifest.name.str() + "'", path.string(),
                    "'" + folder + "', as its folder", mend(image));
    BULKHEAD_TRY(verify_part("kernel", image / manifest.kernel.file, manifest.kernel.content));
    BULKHEAD_TRY(verify_part("initrd", image / manifest.initrd.file, manifest.initrd.content));
    BULKHEAD_TRY_ASSIGN(std::string digest, crypto::sha256(text));
    return model::Image{.name = manifest.name,
                        .digest = std::move(digest),
                        .kernel = image / manifest.kernel.file,
                        .initrd = image / manifest.initrd.file,
                        .kernel_digest = manifest.kernel.content.sha256,
                        .initrd_digest = manifest.initrd.content.sha256,
                        .command_line = manifest.command_line};
}

Result<> ImageStore::verify_part(std::string_view role, const std::filesystem::path& path,
                                 const Content& wanted) {
    BULKHEAD_TRY_ASSIGN(const Fd fd, open_part(role, path));
    BULKHEAD_TRY_ASSIGN(const Stamp stamp, stamp_of(fd, path.string()));
    // Before the digest: a file of the wrong size is not worth reading, however large it is.
    if (stamp.size != wanted.size)
        return fail(Code::corrupt,
                    "the " + std::string(role) + " has " + std::to_string(stamp.size) + " bytes",
                    path.string(), std::to_string(wanted.size) + " bytes, as manifest.json says",
                    mend(path.parent_path()));
    BULKHEAD_TRY_ASSIGN(const std::string digest, digests_.of(path, fd, stamp));
    if (digest != wanted.sha256)
        return fail(Code::corrupt, "the " + std::string(role) + " has SHA-256 " + digest, path.string(),
                    wanted.sha256 + ", as manifest.json says", mend(path.parent_path()));
    return {};
}

}  // namespace bulkhead::images
