// bundle.yaml: what a vendor says of a bundle. It is the config blob of the bundle's OCI manifest, byte by
// byte, so that vendor, gateway and field read the same document.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "model/names.hpp"

namespace bulkhead::images {

inline constexpr std::size_t bundle_document_limit = std::size_t{64} * 1024;  // bytes
inline constexpr std::size_t bundle_path_limit = 200;                         // bytes of a path in a bundle

struct BundleDocument {
    model::BundleName name;
    std::string version;  // for people: 1 to 64 of letters, digits, '.', '-', '_', '+'
    model::TenantName tenant;
    std::string description;
    std::string application;  // path in the bundle of what is started
    std::vector<std::string> arguments;
    Bytes memory;                               // that its partition has at least; 0: says nothing
    std::map<std::string, std::string> config;  // settings that it knows, each with what it means
    bool operator==(const BundleDocument&) const = default;
};

// All of its errors, each with its place ("press/bundle.yaml:4:9").
std::expected<BundleDocument, Errors> read_bundle_document(std::string_view yaml, std::string_view file_name);

// What is wrong with a path in a bundle: "" if nothing is. A relative path of visible parts, none of which is
// "." or "..", at most bundle_path_limit bytes.
std::string fault_of_bundle_path(std::string_view path);

}  // namespace bulkhead::images
