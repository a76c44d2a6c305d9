#include "images/bundle/layout.hpp"

#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"
#include "crypto/digest.hpp"
#include "images/bundle/mapped_file.hpp"
#include "images/bundle/tar.hpp"

namespace bulkhead::images {
namespace {

// The whole of the file that says what this folder is, as this version writes it.
constexpr std::string_view marker_name = "oci-layout";
constexpr std::string_view marker = R"({"imageLayoutVersion":"1.0.0"})";
constexpr std::string_view index_name = "index.json";
constexpr std::string_view blob_folder = "blobs/sha256/";

std::unexpected<Error> corrupt(std::string what, const std::string& where) {
    return fail(Code::corrupt, std::move(what), where,
                "an OCI image layout, as `bulkhead bundle build` makes it",
                "build it again, or copy it again");
}

Result<> check_digest(const std::string& named, std::string_view content, const std::string& where) {
    BULKHEAD_TRY_ASSIGN(const auto digest, crypto::sha256(content));
    if (digest != named)
        return corrupt("the blob " + named + " has SHA-256 " + digest + ": it was altered", where);
    return {};
}

Result<> check_marker(std::string_view content, const std::string& where) {
    // Other tools put white space around and after; a version of theirs is no reason to refuse.
    if (content.size() > 1024 || content.find("imageLayoutVersion") == std::string_view::npos)
        return corrupt("oci-layout is not an OCI image layout's", where);
    return {};
}

}  // namespace

Result<std::string> BundleLayout::add(std::string content) {
    BULKHEAD_TRY_ASSIGN(auto digest, crypto::sha256(content));
    if (!blobs_.contains(digest)) {
        owned_.push_back(std::make_shared<const std::string>(std::move(content)));
        blobs_.emplace(digest, *owned_.back());
    }
    return digest;
}

const std::string_view* BundleLayout::find(const std::string& digest) const {
    const auto found = blobs_.find(digest);
    return found == blobs_.end() ? nullptr : &found->second;
}

std::uint64_t BundleLayout::size() const {
    std::uint64_t sum = index_.size();
    for (const auto& [digest, content] : blobs_) sum += content.size();
    return sum;
}

Result<std::string> BundleLayout::to_tar() const {
    std::vector<TarEntry> entries{{.path = std::string(marker_name), .content = marker},
                                  {.path = std::string(index_name), .content = index_},
                                  {.path = "blobs", .folder = true},
                                  {.path = "blobs/sha256", .folder = true}};
    for (const auto& [digest, content] : blobs_)
        entries.push_back({.path = std::string(blob_folder) + digest, .content = content});
    return write_tar(std::move(entries));
}

Result<BundleLayout> layout_of_tar(std::string_view archive, const LayoutLimits& limits,
                                   const std::string& where) {
    if (archive.size() > limits.bytes)
        return fail(Code::refused, "the bundle has " + std::to_string(archive.size()) + " bytes", where,
                    "at most " + std::to_string(limits.bytes) + " bytes");
    BULKHEAD_TRY_ASSIGN(auto entries, read_tar(archive, {limits.blobs + 4}, where));
    BundleLayout layout;
    bool marked = false;
    bool indexed = false;
    for (const auto& entry : entries) {
        if (entry.folder && (entry.path == "blobs" || entry.path == "blobs/sha256")) continue;
        if (!entry.folder && entry.path == marker_name) {
            BULKHEAD_TRY(check_marker(entry.content, where));
            marked = true;
        } else if (!entry.folder && entry.path == index_name) {
            if (entry.content.size() > index_limit) return corrupt("index.json is larger than 1 MiB", where);
            layout.index_ = entry.content;
            indexed = true;
        } else if (const auto name =
                       entry.path.starts_with(blob_folder) ? entry.path.substr(blob_folder.size()) : "";
                   !entry.folder && crypto::is_sha256(name)) {
            BULKHEAD_TRY(check_digest(name, entry.content, where));
            layout.blobs_.emplace(name, entry.content);
        } else {
            return fail(Code::refused, "'" + entry.path + "' is no part of an OCI image layout", where,
                        "oci-layout, index.json and blobs/sha256/DIGEST",
                        "build it with `bulkhead bundle build`");
        }
    }
    if (!marked) return corrupt("has no oci-layout", where);
    if (!indexed) return corrupt("has no index.json", where);
    return layout;
}

Result<BundleLayout> load_layout(const std::filesystem::path& path, const LayoutLimits& limits) {
    std::error_code ec;
    if (!std::filesystem::is_directory(path, ec)) {
        BULKHEAD_TRY_ASSIGN(auto mapped, MappedFile::open(path, limits.bytes));
        const auto file = std::make_shared<const MappedFile>(std::move(mapped));
        BULKHEAD_TRY_ASSIGN(auto layout, layout_of_tar(file->bytes(), limits, path.string()));
        layout.mapped_ = file;
        return layout;
    }
    BundleLayout layout;
    BULKHEAD_TRY_ASSIGN(const auto marked, read_file(path / marker_name, 1024));
    BULKHEAD_TRY(check_marker(marked, path.string()));
    BULKHEAD_TRY_ASSIGN(layout.index_, read_file(path / index_name, index_limit));
    std::uint64_t left = limits.bytes;
    for (std::filesystem::directory_iterator entry(path / blob_folder, ec), end; !ec && entry != end;
         entry.increment(ec)) {
        const std::string name = entry->path().filename().string();
        if (!crypto::is_sha256(name))
            return corrupt("'" + printable(name, 80) + "' is no blob", path.string());
        if (layout.blobs_.size() >= limits.blobs) return corrupt("has too many blobs", path.string());
        BULKHEAD_TRY_ASSIGN(auto content, read_file(entry->path(), left));
        left -= content.size();
        BULKHEAD_TRY_ASSIGN(const auto digest, layout.add(std::move(content)));
        if (digest != name)
            return corrupt("the blob " + name + " has SHA-256 " + digest + ": it was altered", path.string());
    }
    if (ec) return fail(Code::io, "can't read the folder: " + ec.message(), (path / blob_folder).string());
    return layout;
}

Result<> write_layout_folder(const BundleLayout& layout, const std::filesystem::path& folder) {
    std::error_code ec;
    if (std::filesystem::exists(folder, ec) && !std::filesystem::exists(folder / marker_name, ec))
        return fail(Code::conflict, "is there already, and no OCI image layout", folder.string(), {},
                    "name another folder");
    BULKHEAD_TRY(make_folder(folder / blob_folder));
    for (const auto& [digest, content] : layout.blobs())
        BULKHEAD_TRY(write_file_atomically(folder / blob_folder / digest, content));
    BULKHEAD_TRY(write_file_atomically(folder / marker_name, marker));
    BULKHEAD_TRY(write_file_atomically(folder / index_name, layout.index()));
    // What the former index named and this one doesn't.
    std::vector<std::filesystem::path> gone;
    for (const auto& entry : std::filesystem::directory_iterator(folder / blob_folder, ec))
        if (!layout.blobs().contains(entry.path().filename().string())) gone.push_back(entry.path());
    for (const auto& path : gone) BULKHEAD_TRY(remove_file(path));
    return {};
}

Result<> write_layout_file(const BundleLayout& layout, const std::filesystem::path& file) {
    BULKHEAD_TRY_ASSIGN(const auto archive, layout.to_tar());
    return write_file_atomically(file, archive);
}

}  // namespace bulkhead::images
