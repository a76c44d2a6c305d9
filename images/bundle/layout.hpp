// An OCI image layout (image-spec v1.1, image-layout.md): an index and blobs named by their digests. As a
// folder it is what registries' tools carry; as one ustar file it is what people push.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::images {

struct LayoutLimits {
    std::uint64_t bytes = std::uint64_t{4} << 30U;  // of the whole
    std::size_t blobs = 64;
};

inline constexpr std::size_t index_limit = std::size_t{1024} * 1024;  // bytes of index.json

class MappedFile;

class BundleLayout {
  public:
    // Takes the blob; its digest in hexadecimal. The same bytes twice are one blob.
    Result<std::string> add(std::string content);
    void set_index(std::string json) { index_ = std::move(json); }
    const std::string& index() const { return index_; }
    const std::map<std::string, std::string_view>& blobs() const { return blobs_; }
    const std::string_view* find(const std::string& digest) const;
    // Bytes of all blobs and the index.
    std::uint64_t size() const;

    // The single-file form: deterministic.
    Result<std::string> to_tar() const;

  private:
    friend Result<BundleLayout> layout_of_tar(std::string_view, const LayoutLimits&, const std::string&);
    friend Result<BundleLayout> load_layout(const std::filesystem::path&, const LayoutLimits&);
    std::string index_;
    std::map<std::string, std::string_view> blobs_;  // by digest
    // Shared, so that a copy of the layout, whose views are the same, keeps the bytes too.
    std::vector<std::shared_ptr<const std::string>> owned_;
    std::shared_ptr<const MappedFile> mapped_;
};

// Views into `archive`, which must live as long. Each blob has the digest that its name says. Code::corrupt
// or Code::refused.
Result<BundleLayout> layout_of_tar(std::string_view archive, const LayoutLimits& limits,
                                   const std::string& where);

// From a folder or a single file.
Result<BundleLayout> load_layout(const std::filesystem::path& path, const LayoutLimits& limits);

// As a folder, which must not be there, or be a layout already: then it is replaced.
Result<> write_layout_folder(const BundleLayout& layout, const std::filesystem::path& folder);
// As one file, atomically.
Result<> write_layout_file(const BundleLayout& layout, const std::filesystem::path& file);

}  // namespace bulkhead::images
