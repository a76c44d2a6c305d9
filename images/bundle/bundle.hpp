// A vendor's bundle: an OCI manifest (artifactType application/vnd.bulkhead.bundle.v1) whose config is
// bundle.yaml and whose one layer is a tar of the application's files; signatures refer to it (OCI
// referrers).
//
// The layer is not compressed, so nothing that is read can grow: what was measured against the quota is what
// will lie on the disk, and no decompressor stands between a stranger's bytes and the signature's check.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "crypto/signing_key.hpp"
#include "images/bundle/document.hpp"
#include "images/bundle/layout.hpp"
#include "images/bundle/tar.hpp"

namespace bulkhead::images {

inline constexpr std::string_view bundle_type = "application/vnd.bulkhead.bundle.v1";
inline constexpr std::string_view bundle_payload_type = "application/vnd.bulkhead.bundle.v1+json";
inline constexpr std::size_t most_signatures = 8;
inline constexpr std::size_t most_bundle_files = 10'000;

struct Bundle {
    BundleDocument document;
    std::string digest;           // SHA-256 of the manifest, hexadecimal: the bundle's name for machines
    std::vector<TarEntry> files;  // views into the layout
    std::uint64_t size = 0;       // bytes of all files
    std::vector<std::string_view> signatures;  // DSSE envelopes, not verified
};

// Everything that the index names is there, has the size and digest that it says and the type that is wanted;
// and nothing else is there. The application is among the files. Views into `layout`.
Result<Bundle> read_bundle(const BundleLayout& layout, const std::string& where);

// What a signature says: digest of the manifest, name, version and tenant as JSON.
std::string signed_payload(const Bundle& bundle);

// The key of `trusted` that signed it. Code::refused, with the reason: unsigned, by other keys, altered,
// signed for another bundle.
Result<crypto::VerifyKey> verify_bundle(const Bundle& bundle, std::span<const crypto::VerifyKey> trusted,
                                        const std::string& where);

}  // namespace bulkhead::images
