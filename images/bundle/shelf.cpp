#include "images/bundle/shelf.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace bulkhead::images {
namespace {

namespace fs = std::filesystem;

std::optional<ShelvedBundle> shelved_in(const fs::path& folder) {
    auto reference = model::parse_bundle_reference(folder.parent_path().filename().string() +
                                                   "@sha256:" + folder.filename().string());
    struct stat status{};
    if (!reference || ::lstat((folder / bundle_file).c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        return std::nullopt;
    return ShelvedBundle{std::move(*reference), static_cast<std::uint64_t>(status.st_size),
                         UtcTime(std::chrono::seconds(status.st_mtim.tv_sec))};
}

}  // namespace

Result<std::vector<ShelvedBundle>> shelved_bundles(const model::Layout& layout) {
    std::vector<ShelvedBundle> found;
    std::error_code ec;
    if (!fs::exists(layout.bundles(), ec)) return found;
    for (fs::recursive_directory_iterator entry(layout.bundles(), ec), end; !ec && entry != end;
         entry.increment(ec)) {
        if (entry.depth() != 1) continue;
        entry.disable_recursion_pending();
        if (auto bundle = shelved_in(entry->path())) found.push_back(std::move(*bundle));
    }
    if (ec) return fail(Code::io, "can't read the bundles: " + ec.message(), layout.bundles().string());
    std::ranges::sort(found, {}, &ShelvedBundle::reference);
    return found;
}

Result<std::uint64_t> size_of_shelved(const model::Layout& layout, const model::BundleReference& except) {
    BULKHEAD_TRY_ASSIGN(const auto all, shelved_bundles(layout));
    std::uint64_t sum = 0;
    for (const auto& bundle : all)
        if (bundle.reference != except) sum += bundle.size;
    return sum;
}

Result<> remove_shelved(const model::Layout& layout, const model::BundleReference& reference) {
    const auto folder = layout.bundle(reference.name, reference.digest);
    if (!shelved_in(folder))
        return fail(Code::not_found, "there is no bundle '" + reference.str() + "' on this gateway", {}, {},
                    "see which there are: bulkhead bundle list");
    std::error_code ec;
    // The file first: without it the rest is no bundle any more, whatever happens.
    fs::remove(folder / bundle_file, ec);
    if (!ec) fs::remove_all(folder, ec);
    if (ec) return fail(Code::io, "can't remove the bundle: " + ec.message(), folder.string());
    // The name's folder goes with its last bundle; one that holds others stays.
    fs::remove(folder.parent_path(), ec);
    return {};
}

}  // namespace bulkhead::images
