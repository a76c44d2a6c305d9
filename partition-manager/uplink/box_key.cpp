#include "partition-manager/uplink/box_key.hpp"

#include "base/file.hpp"
#include "base/log.hpp"

namespace bulkhead::uplink {
namespace {

constexpr std::size_t key_file_limit = 4096;

std::filesystem::path sealed_path(const std::filesystem::path& folder) {
    return folder / "box.sealed";
}
std::filesystem::path plain_path(const std::filesystem::path& folder) {
    return folder / "box.key";
}

// Code::not_found if there is none yet.
Result<crypto::BoxKeyPair> read_pair(const std::filesystem::path& folder, Attestor* attestor) {
    const auto sealed = read_file(sealed_path(folder), key_file_limit);
    if (!sealed && sealed.error().code == Code::not_found) {
        BULKHEAD_TRY_ASSIGN(const auto plain, read_file(plain_path(folder), key_file_limit));
        return crypto::box_key_of(plain, plain_path(folder).string());
    }
    if (!sealed) return std::unexpected(sealed.error());
    if (attestor == nullptr)
        return fail(Code::unavailable, "the key of secrets is sealed by a TPM, and there is none",
                    folder.string(), {}, "start bulkheadd with --tpm");
    BULKHEAD_TRY_ASSIGN(const auto opened, attestor->unseal(*sealed));
    return crypto::box_key_of(opened, sealed_path(folder).string());
}

// The new one is whole before the other kind of it goes.
Result<crypto::BoxKeyPair> make_pair(const std::filesystem::path& folder, Attestor* attestor) {
    const auto pair = crypto::generate_box_key();
    if (attestor == nullptr) {
        BULKHEAD_TRY(write_file_atomically(plain_path(folder), pair.private_key, 0600));
        return pair;
    }
    BULKHEAD_TRY_ASSIGN(const auto sealed, attestor->seal(pair.private_key));
    BULKHEAD_TRY(write_file_atomically(sealed_path(folder), sealed, 0600));
    BULKHEAD_TRY(remove_file(plain_path(folder)));
    return pair;
}

// Nothing opens it any more: another TPM, or bytes that are no key. A TPM that is busy or away is no reason.
bool is_lost(const Error& error) {
    return error.code == Code::refused || error.code == Code::corrupt;
}

}  // namespace

Result<BoxKey> open_box_key(const std::filesystem::path& folder, Attestor* attestor) {
    BoxKey key;
    auto pair = read_pair(folder, attestor);
    if (!pair && is_lost(pair.error()))
        log::warning("the key of secrets can't be used and is made anew", {{"error", pair.error().text()}});
    if (!pair && (is_lost(pair.error()) || pair.error().code == Code::not_found))
        pair = make_pair(folder, attestor);
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
