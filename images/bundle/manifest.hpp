// The JSON of a bundle's OCI documents (image-spec v1.1): written the same way every time, read strictly.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bulkhead::images {

inline constexpr std::string_view manifest_media_type = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view layer_media_type = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view document_media_type = "application/vnd.bulkhead.bundle.config.v1+yaml";
inline constexpr std::string_view signature_type = "application/vnd.bulkhead.bundle.signature.v1";
inline constexpr std::string_view envelope_media_type = "application/vnd.dsse.envelope.v1+json";
inline constexpr std::string_view empty_media_type = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view empty_content = "{}";
inline constexpr std::size_t oci_manifest_limit = std::size_t{64} * 1024;  // bytes

struct Descriptor {
    std::string media_type;
    std::string digest;  // hexadecimal
    std::uint64_t size = 0;
    std::string artifact_type;  // of a manifest in an index
    bool operator==(const Descriptor&) const = default;
};

struct OciManifest {
    std::string artifact_type;
    Descriptor config;
    Descriptor layer;
    Descriptor subject;  // empty digest: none
    std::string name;    // annotations; only for people
    std::string version;
};

std::string manifest_json(const OciManifest& manifest);
std::string index_json(const std::vector<Descriptor>& manifests);

// Keys that the standard has and we have no use for are passed over; what we use is checked.
Result<OciManifest> parse_oci_manifest(std::string_view json, const std::string& where);
Result<std::vector<Descriptor>> parse_index(std::string_view json, const std::string& where);

}  // namespace bulkhead::images
