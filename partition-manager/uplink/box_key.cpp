#include "partition-manager/uplink/box_key.hpp"

#include "base/file.hpp"
#include "base/log.hpp"

namespace bulkhead::uplink {
namespace {

constexpr std::size_t file_limit = 4096;
constexpr std::size_t key_size = 32;  // X25519 (RFC 7748)

Result<crypto::BoxKeyPair> read_pair(const std::filesystem::path& folder, Attestor* attestor) {
    crypto::BoxKeyPair pair;
    BULKHEAD_TRY_ASSIGN(pair.public_key, read_file(folder / "box.pub", file_limit));
    const bool sealed = std::filesystem::exists(folder / "box.sealed");
    BULKHEAD_TRY_ASSIGN(pair.private_key,
                        read_file(folder / (sealed ? "box.sealed" : "box.key"), file_limit));
    if (sealed) {
        if (attestor == nullptr)
            return fail(Code::unavailable, "the key of secrets is sealed by a TPM, and there is none",
                        folder.string(), {}, "start bulkheadd with --tpm");
        BULKHEAD_TRY_ASSIGN(pair.private_key, attestor->unseal(pair.private_key));
    }
    if (pair.public_key.size() != key_size || pair.private_key.size() != key_size)
        return fail(Code::corrupt, "it is no X25519 key", (folder / "box.pub").string());
    return pair;
}

Result<crypto::BoxKeyPair> make_pair(const std::filesystem::path& folder, Attestor* attestor) {
    const auto pair = crypto::generate_box_key();
    std::string kept = pair.private_key;
    if (attestor != nullptr) {
        BULKHEAD_TRY_ASSIGN(kept, attestor->seal(pair.private_key));
    }
    BULKHEAD_TRY(remove_file(folder / "box.key"));
    BULKHEAD_TRY(remove_file(folder / "box.sealed"));
    BULKHEAD_TRY(
        write_file_atomically(folder / (attestor != nullptr ? "box.sealed" : "box.key"), kept, 0600));
    BULKHEAD_TRY(write_file_atomically(folder / "box.pub", pair.public_key, 0600));
    return pair;
}

}  // namespace

Result<BoxKey> open_box_key(const std::filesystem::path& folder, Attestor* attestor) {
    BoxKey key;
    auto pair = std::filesystem::exists(folder / "box.pub") ? read_pair(folder, attestor)
                                                            : make_pair(folder, attestor);
    // Another TPM: what was sealed to the old key is lost either way.
    if (!pair && pair.error().code != Code::unavailable) {
        log::warning("the key of secrets can't be used and is made anew", {{"error", pair.error().text()}});
        pair = make_pair(folder, attestor);
    }
    if (!pair) return std::unexpected(pair.error());
    key.pair = std::move(*pair);
    if (attestor != nullptr) {
        BULKHEAD_TRY_ASSIGN(key.signature, attestor->sign("bulkhead box key" + key.pair.public_key));
    }
    return key;
}

std::string secret_context(const std::string& gateway, const std::string& partition,
                           const std::string& name) {
    return gateway + "/" + partition + "/" + name;
}

}  // namespace bulkhead::uplink
