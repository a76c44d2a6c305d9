#include "images/bundle/bundle.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "crypto/dsse.hpp"
#include "images/bundle/manifest.hpp"

namespace bulkhead::images {
namespace {

class BundleReader {
  public:
    BundleReader(const BundleLayout& layout, const std::string& where) : layout_(layout), where_(where) {}

    Result<Bundle> read() {
        BULKHEAD_TRY_ASSIGN(const auto manifests, parse_index(layout_.index(), where_ + ": index.json"));
        std::vector<OciManifest> signatures;
        const Descriptor* ours = nullptr;
        OciManifest manifest;
        for (const auto& entry : manifests) {
            BULKHEAD_TRY_ASSIGN(const auto content, blob(entry, manifest_media_type));
            BULKHEAD_TRY_ASSIGN(auto parsed, parse_oci_manifest(content, where_ + ": blob " + entry.digest));
            if (parsed.artifact_type == bundle_type) {
                if (ours != nullptr) return refuse("holds two bundles", "one bundle and its signatures");
                ours = &entry;
                manifest = std::move(parsed);
            } else if (parsed.artifact_type == signature_type) {
                signatures.push_back(std::move(parsed));
            } else {
                return refuse("holds something of type '" + parsed.artifact_type + "'",
                              "one bundle and its signatures");
            }
        }
        if (ours == nullptr)
            return refuse("holds no bundle", "a manifest of type " + std::string(bundle_type));
        Bundle bundle;
        bundle.digest = ours->digest;
        BULKHEAD_TRY(read_content(manifest, bundle));
        for (const auto& signature : signatures) BULKHEAD_TRY(read_signature(signature, bundle));
        // Bytes that no manifest names would be carried and stored unsigned.
        for (const auto& [digest, content] : layout_.blobs())
            if (!used_.contains(digest))
                return refuse("the blob " + digest + " belongs to nothing", "no such blob");
        return bundle;
    }

  private:
    std::unexpected<Error> refuse(std::string what, std::string wanted) const {
        return fail(Code::refused, std::move(what), where_, std::move(wanted),
                    "build it with `bulkhead bundle build`");
    }
    std::unexpected<Error> corrupt(std::string what, std::string wanted) const {
        return fail(Code::corrupt, std::move(what), where_, std::move(wanted),
                    "build it again, or copy it again");
    }

    Result<std::string_view> blob(const Descriptor& descriptor, std::string_view media_type) {
        if (descriptor.media_type != media_type)
            return refuse("the blob " + descriptor.digest + " is of type '" + descriptor.media_type + "'",
                          std::string(media_type));
        const auto* content = layout_.find(descriptor.digest);
        if (content == nullptr)
            return corrupt("the blob " + descriptor.digest + " is missing", "all of its blobs");
        if (content->size() != descriptor.size)
            return corrupt(
                "the blob " + descriptor.digest + " has " + std::to_string(content->size()) + " bytes",
                std::to_string(descriptor.size) + " bytes, as its manifest says");
        used_.emplace(descriptor.digest, true);
        return *content;
    }

    Result<> read_content(const OciManifest& manifest, Bundle& bundle) {
        BULKHEAD_TRY_ASSIGN(const auto yaml, blob(manifest.config, document_media_type));
        auto document = read_bundle_document(yaml, where_ + ": bundle.yaml");
        if (!document) return std::unexpected(document.error().front());
        bundle.document = std::move(*document);
        BULKHEAD_TRY_ASSIGN(const auto layer, blob(manifest.layer, layer_media_type));
        BULKHEAD_TRY_ASSIGN(bundle.files, read_tar(layer, {most_bundle_files}, where_ + ": files"));
        for (const auto& file : bundle.files) {
            bundle.size += file.content.size();
            const auto top = file.path.substr(0, file.path.find('/'));
            if (top == ".bulkhead" || top == "lost+found")
                return refuse("'" + file.path + "' has a name of the disk's own", "other names at the top");
        }
        const auto application =
            std::ranges::find(bundle.files, bundle.document.application, &TarEntry::path);
        if (application == bundle.files.end() || application->folder)
            return refuse("has no file '" + bundle.document.application + "', its application",
                          "the file that bundle.yaml names");
        if (!application->executable)
            return fail(Code::refused, "'" + bundle.document.application + "' is not executable", where_, {},
                        "chmod +x it and build the bundle again");
        return {};
    }

    Result<> read_signature(const OciManifest& signature, Bundle& bundle) {
        if (signature.subject.digest != bundle.digest)
            return refuse("has a signature of another bundle (" + signature.subject.digest + ")",
                          "signatures of " + bundle.digest);
        BULKHEAD_TRY(blob(signature.config, empty_media_type));
        BULKHEAD_TRY_ASSIGN(const auto envelope, blob(signature.layer, envelope_media_type));
        bundle.signatures.push_back(envelope);
        return {};
    }

    const BundleLayout& layout_;
    std::string where_;
    std::map<std::string, bool> used_;
};

}  // namespace

Result<Bundle> read_bundle(const BundleLayout& layout, const std::string& where) {
    return BundleReader(layout, where).read();
}

std::string signed_payload(const Bundle& bundle) {
    return nlohmann::json{{"manifest", "sha256:" + bundle.digest},
                          {"name", bundle.document.name.str()},
                          {"version", bundle.document.version},
                          {"tenant", bundle.document.tenant.str()}}
        .dump();
}

Result<crypto::VerifyKey> verify_bundle(const Bundle& bundle, std::span<const crypto::VerifyKey> trusted,
                                        const std::string& where) {
    const std::string called = "bundle '" + bundle.document.name.str() + "'";
    if (bundle.signatures.empty())
        return fail(Code::refused, called + " is unsigned", where, "a signature by its tenant's key",
                    "bulkhead bundle sign --key NAME.key FILE");
    std::optional<Error> first;
    for (const auto envelope : bundle.signatures) {
        auto opened = crypto::open_envelope(envelope, bundle_payload_type, trusted, where);
        if (opened && opened->payload == signed_payload(bundle)) return std::move(opened->signer);
        Error error = opened ? Error{Code::refused, "the signature is for another bundle than " + called,
                                     where, "a signature of sha256:" + bundle.digest,
                                     "bulkhead bundle sign --key NAME.key FILE"}
                             : std::move(opened).error();
        if (!first) first = std::move(error);
    }
    return std::unexpected(std::move(*first));
}

}  // namespace bulkhead::images
