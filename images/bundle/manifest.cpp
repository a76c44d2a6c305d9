#include "images/bundle/manifest.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.hpp"
#include "crypto/digest.hpp"
#include "images/bundle/bundle.hpp"
#include "images/strict_json.hpp"

namespace bulkhead::images {
namespace {

using Json = nlohmann::json;  // sorts keys, so equal values have equal texts

constexpr std::string_view index_media_type = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view algorithm = "sha256:";

Json json_of(const Descriptor& descriptor) {
    Json json{{"mediaType", descriptor.media_type},
              {"digest", std::string(algorithm) + descriptor.digest},
              {"size", descriptor.size}};
    if (!descriptor.artifact_type.empty()) json["artifactType"] = descriptor.artifact_type;
    return json;
}

std::unexpected<Error> corrupt(std::string what, const std::string& where, std::string wanted) {
    return fail(Code::corrupt, std::move(what), where, std::move(wanted),
                "build it with `bulkhead bundle build`");
}

Result<Json> parse_object(std::string_view text, const std::string& where) {
    auto json = parse_strict_json(text);
    if (!json) return corrupt(json.error(), where, "an OCI document");
    if (!json->is_object()) return corrupt("is no JSON object", where, "an OCI document");
    if (const auto version = json->find("schemaVersion"); version == json->end() || *version != 2)
        return corrupt("schemaVersion is not 2", where, "an OCI document");
    return std::move(*json);
}

Result<std::string> text_of(const Json& object, const char* key, const std::string& where) {
    const auto found = object.find(key);
    if (found == object.end()) return std::string();
    if (!found->is_string()) return corrupt(std::string(key) + " is no text", where, "a text");
    auto text = found->get<std::string>();
    if (text.size() > 255 || printable(text, 255) != text)
        return corrupt(std::string(key) + " is '" + printable(text, 80) + "'", where,
                       "at most 255 characters");
    return text;
}

Result<Descriptor> descriptor_of(const Json& json, const std::string& where) {
    if (!json.is_object()) return corrupt("a descriptor is no object", where, "mediaType, digest and size");
    Descriptor descriptor;
    BULKHEAD_TRY_ASSIGN(descriptor.media_type, text_of(json, "mediaType", where));
    BULKHEAD_TRY_ASSIGN(descriptor.artifact_type, text_of(json, "artifactType", where));
    BULKHEAD_TRY_ASSIGN(const auto digest, text_of(json, "digest", where));
    if (!digest.starts_with(algorithm) ||
        !crypto::is_sha256(std::string_view(digest).substr(algorithm.size())))
        return corrupt("a digest is '" + digest + "'", where, "sha256: and 64 lower-case hexadecimal digits");
    descriptor.digest = digest.substr(algorithm.size());
    const auto size = json.find("size");
    if (size == json.end() || !size->is_number_unsigned())
        return corrupt("the size of " + digest + " is missing", where, "a number of bytes");
    descriptor.size = size->get<std::uint64_t>();
    // Content that lies elsewhere or in the document itself would be content that nobody measured.
    for (const char* key : {"urls", "data"})
        if (json.contains(key))
            return corrupt("a descriptor has '" + std::string(key) + "'", where, "a blob");
    return descriptor;
}

}  // namespace

std::string manifest_json(const OciManifest& manifest) {
    Json json{{"schemaVersion", 2},
              {"mediaType", manifest_media_type},
              {"artifactType", manifest.artifact_type},
              {"config", json_of(manifest.config)},
              {"layers", Json::array({json_of(manifest.layer)})}};
    if (!manifest.subject.digest.empty()) json["subject"] = json_of(manifest.subject);
    if (!manifest.name.empty())
        json["annotations"] = {{"org.opencontainers.image.title", manifest.name},
                               {"org.opencontainers.image.version", manifest.version}};
    return json.dump();
}

std::string index_json(const std::vector<Descriptor>& manifests) {
    Json list = Json::array();
    for (const auto& manifest : manifests) list.push_back(json_of(manifest));
    return Json{{"schemaVersion", 2}, {"mediaType", index_media_type}, {"manifests", list}}.dump();
}

Result<OciManifest> parse_oci_manifest(std::string_view json, const std::string& where) {
    if (json.size() > oci_manifest_limit)
        return corrupt("a manifest is larger than 64 KiB", where, "a manifest");
    BULKHEAD_TRY_ASSIGN(const Json parsed, parse_object(json, where));
    OciManifest manifest;
    BULKHEAD_TRY_ASSIGN(manifest.artifact_type, text_of(parsed, "artifactType", where));
    if (!parsed.contains("config") || !parsed.contains("layers") || !parsed["layers"].is_array() ||
        parsed["layers"].size() != 1)
        return corrupt("a manifest has not one config and one layer", where, "a manifest of a bundle");
    BULKHEAD_TRY_ASSIGN(manifest.config, descriptor_of(parsed["config"], where));
    BULKHEAD_TRY_ASSIGN(manifest.layer, descriptor_of(parsed["layers"][0], where));
    if (parsed.contains("subject")) {
        BULKHEAD_TRY_ASSIGN(manifest.subject, descriptor_of(parsed["subject"], where));
    }
    return manifest;
}

Result<std::vector<Descriptor>> parse_index(std::string_view json, const std::string& where) {
    BULKHEAD_TRY_ASSIGN(const Json parsed, parse_object(json, where));
    const auto list = parsed.find("manifests");
    if (list == parsed.end() || !list->is_array() || list->empty() || list->size() > 1 + most_signatures)
        return corrupt("index.json has no list of 1 to " + std::to_string(1 + most_signatures) + " manifests",
                       where, "one bundle and its signatures");
    std::vector<Descriptor> manifests;
    for (const Json& entry : *list) {
        BULKHEAD_TRY_ASSIGN(auto descriptor, descriptor_of(entry, where));
        manifests.push_back(std::move(descriptor));
    }
    return manifests;
}

}  // namespace bulkhead::images
