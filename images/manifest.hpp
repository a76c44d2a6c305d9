// manifest.json of a partition image: what belongs to it and what each part's bits are. Written by
// images/build.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "model/names.hpp"

namespace bulkhead::images {

inline constexpr std::size_t manifest_limit = std::size_t{1024} * 1024;  // bytes of the document

struct Content {
    std::uint64_t size = 0;
    std::string sha256;
    bool operator==(const Content&) const = default;
};

struct Part {
    std::string file;  // a plain name beside the manifest, never a path
    Content content;
    bool operator==(const Part&) const = default;
};

struct DebianPackage {
    std::string name;
    std::string version;
    std::string sha256;  // of the .deb
    bool operator==(const DebianPackage&) const = default;
};

struct Manifest {
    model::ImageName name;
    std::string suite;
    std::string command_line;
    Part kernel;
    Part initrd;
    Content agent;
    std::map<std::string, Content> applications;
    std::vector<DebianPackage> packages;
    bool operator==(const Manifest&) const = default;
};

// Refuses what it does not know: other keys, duplicate keys, other types. `where` is the file's path, for
// errors; a document of a later schema is Code::newer, any other fault Code::corrupt.
Result<Manifest> parse_manifest(std::string_view text, const std::string& where);

}  // namespace bulkhead::images
