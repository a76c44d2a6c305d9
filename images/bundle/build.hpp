// From a vendor's folder to a bundle, and from a bundle to a signed one. Both deterministic: the same files
// and key give the same bits.
#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "crypto/signing_key.hpp"
#include "images/bundle/bundle.hpp"

namespace bulkhead::images {

struct BuildLimits {
    std::uint64_t bytes = std::uint64_t{1} << 30U;  // of all files
};

// Of folder/bundle.yaml and all other files of the folder. Links, devices and sockets are refused by name.
std::expected<BundleLayout, Errors> build_bundle(const std::filesystem::path& folder,
                                                 const BuildLimits& limits = {});

// Adds a signature; one by the same key is there once only.
Result<BundleLayout> sign_bundle(const BundleLayout& layout, const crypto::SigningKey& key,
                                 const std::string& where);

}  // namespace bulkhead::images
