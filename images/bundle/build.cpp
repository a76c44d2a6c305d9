#include "images/bundle/build.hpp"

#include <algorithm>
#include <list>
#include <utility>

#include "base/file.hpp"
#include "base/units.hpp"
#include "crypto/dsse.hpp"
#include "images/bundle/manifest.hpp"

namespace bulkhead::images {
namespace {

constexpr std::string_view document_name = "bundle.yaml";

struct Collected {
    std::vector<TarEntry> entries;
    std::list<std::string> contents;  // what the entries view
};

std::unexpected<Error> refuse(std::string what, const std::filesystem::path& path, std::string mend) {
    return fail(Code::refused, std::move(what), path.string(), "regular files and folders only",
                std::move(mend));
}

Result<> collect_one(const std::filesystem::directory_entry& entry, const std::string& path,
                     std::uint64_t& left, Collected& out) {
    std::error_code ec;
    const auto status = entry.symlink_status(ec);
    if (const auto fault = fault_of_bundle_path(path); !fault.empty())
        return refuse(fault, entry.path(), "rename it, or move it out of the folder");
    if (std::filesystem::is_symlink(status))
        return refuse("is a symbolic link", entry.path(), "put a copy of the file there, or remove the link");
    if (std::filesystem::is_directory(status)) {
        out.entries.push_back({.path = path, .folder = true});
        return {};
    }
    if (!std::filesystem::is_regular_file(status))
        return refuse("is no regular file", entry.path(), "move it out of the folder");
    if (out.entries.size() >= most_bundle_files)
        return refuse("there are more than " + std::to_string(most_bundle_files) + " files", entry.path(),
                      "pack them into fewer");
    auto content = read_file(entry.path(), left);
    if (!content && content.error().code == Code::invalid)
        return fail(Code::refused, "the files are too large together", entry.path().string(),
                    "less than " + to_string(Bytes{left}) + " from here on", "leave out what is not needed");
    if (!content) return std::unexpected(content.error());
    left -= content->size();
    out.contents.push_back(std::move(*content));
    const auto executable = std::filesystem::perms::owner_exec;
    out.entries.push_back({.path = path,
                           .executable = (status.permissions() & executable) == executable,
                           .content = out.contents.back()});
    return {};
}

Result<Collected> collect(const std::filesystem::path& folder, std::uint64_t limit) {
    Collected out;
    std::uint64_t left = limit;
    std::error_code ec;
    for (std::filesystem::recursive_directory_iterator entry(folder, ec), end; !ec && entry != end;
         entry.increment(ec)) {
        const auto path = entry->path().lexically_relative(folder).generic_string();
        if (path == document_name) continue;
        BULKHEAD_TRY(collect_one(*entry, path, left, out));
    }
    if (ec) return fail(Code::io, "can't read the folder: " + ec.message(), folder.string());
    return out;
}

Result<Descriptor> put(BundleLayout& layout, std::string content, std::string_view media_type,
                       std::string_view artifact_type = {}) {
    const auto size = content.size();
    BULKHEAD_TRY_ASSIGN(auto digest, layout.add(std::move(content)));
    return Descriptor{std::string(media_type), std::move(digest), size, std::string(artifact_type)};
}

Result<BundleLayout> assemble(const BundleDocument& document, std::string yaml, Collected files) {
    BundleLayout layout;
    OciManifest manifest{
        .artifact_type = std::string(bundle_type), .name = document.name.str(), .version = document.version};
    BULKHEAD_TRY_ASSIGN(manifest.config, put(layout, std::move(yaml), document_media_type));
    BULKHEAD_TRY_ASSIGN(auto layer, write_tar(std::move(files.entries)));
    BULKHEAD_TRY_ASSIGN(manifest.layer, put(layout, std::move(layer), layer_media_type));
    BULKHEAD_TRY_ASSIGN(const auto described,
                        put(layout, manifest_json(manifest), manifest_media_type, bundle_type));
    layout.set_index(index_json({described}));
    return layout;
}

}  // namespace

std::expected<BundleLayout, Errors> build_bundle(const std::filesystem::path& folder,
                                                 const BuildLimits& limits) {
    const auto one = [](Error error) { return std::unexpected(Errors{std::move(error)}); };
    const auto path = folder / document_name;
    auto yaml = read_file(path, bundle_document_limit);
    if (!yaml) {
        std::error_code ec;
        if (!std::filesystem::exists(path, ec))
            return one({Code::not_found, "there is no bundle.yaml", folder.string(), "a bundle's folder",
                        "bulkhead bundle init " + folder.string()});
        return one(yaml.error());
    }
    const auto document = read_bundle_document(*yaml, path.string());
    if (!document) return std::unexpected(document.error());
    auto files = collect(folder, limits.bytes);
    if (!files) return one(files.error());
    auto layout = assemble(*document, std::move(*yaml), std::move(*files));
    if (!layout) return one(layout.error());
    // The one reader decides what a bundle is: what it would refuse later is refused now.
    if (const auto read = read_bundle(*layout, folder.string()); !read) return one(read.error());
    return std::move(*layout);
}

Result<BundleLayout> sign_bundle(const BundleLayout& layout, const crypto::SigningKey& key,
                                 const std::string& where) {
    BULKHEAD_TRY_ASSIGN(const auto bundle, read_bundle(layout, where));
    BULKHEAD_TRY_ASSIGN(auto manifests, parse_index(layout.index(), where));
    const auto subject = std::ranges::find(manifests, bundle.digest, &Descriptor::digest);
    BundleLayout out = layout;
    OciManifest signature{.artifact_type = std::string(signature_type)};
    signature.subject = {std::string(manifest_media_type), bundle.digest, subject->size, {}};
    BULKHEAD_TRY_ASSIGN(signature.config, put(out, std::string(empty_content), empty_media_type));
    BULKHEAD_TRY_ASSIGN(signature.layer,
                        put(out, crypto::sign_envelope(bundle_payload_type, signed_payload(bundle), key),
                            envelope_media_type));
    BULKHEAD_TRY_ASSIGN(auto described,
                        put(out, manifest_json(signature), manifest_media_type, signature_type));
    // Signing is deterministic, so the same key gives the same blobs.
    if (std::ranges::find(manifests, described.digest, &Descriptor::digest) == manifests.end()) {
        if (bundle.signatures.size() >= most_signatures)
            return fail(Code::refused, "has " + std::to_string(bundle.signatures.size()) + " signatures",
                        where, "at most " + std::to_string(most_signatures), "build it again, then sign it");
        manifests.push_back(std::move(described));
    }
    out.set_index(index_json(manifests));
    return out;
}

}  // namespace bulkhead::images
