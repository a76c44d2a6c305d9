#include "console/server/authority.hpp"

#include "base/file.hpp"

namespace bulkhead::console {
namespace {

using crypto::UtcSeconds;

constexpr UtcSeconds since_1970{};
constexpr std::chrono::years ca_lifetime{30};
constexpr std::size_t file_limit = 64 * 1024;

Result<CaRow> make_authority(Store& store, const Clock& clock, UtcSeconds now) {
    BULKHEAD_TRY_ASSIGN(auto key, crypto::generate_tls_key());
    crypto::CertificateRequest request;
    request.common_name = "Bulkhead console CA";
    request.is_ca = true;
    request.not_before = since_1970;
    request.not_after = now + std::chrono::duration_cast<std::chrono::seconds>(ca_lifetime);
    BULKHEAD_TRY_ASSIGN(auto certificate, crypto::make_ca(key, request));
    CaRow row{std::move(certificate), std::move(key), rfc3339(clock.utc())};
    // Another process may have been faster.
    if (const auto made = store.set_ca(row); !made && made.error().code != Code::conflict)
        return std::unexpected(made.error());
    BULKHEAD_TRY_ASSIGN(const auto kept, store.ca());
    return kept ? *kept : row;
}

}  // namespace

Result<std::unique_ptr<Authority>> Authority::open(Store& store, const Clock& clock,
                                                   AuthorityOptions options) {
    BULKHEAD_TRY_ASSIGN(auto row, store.ca());
    if (!row) {
        BULKHEAD_TRY_ASSIGN(
            row, make_authority(store, clock, std::chrono::floor<std::chrono::seconds>(clock.utc())));
    }
    BULKHEAD_TRY_ASSIGN(const auto facts, crypto::read_certificate(row->certificate, "the console's CA"));
    return std::unique_ptr<Authority>(new Authority(clock, std::move(options), *row, facts.sha256));
}

UtcSeconds Authority::now() const {
    return std::chrono::floor<std::chrono::seconds>(clock_.utc());
}

Result<Authority::Issued> Authority::issue(const std::string& gateway,
                                           const std::string& public_key_der) const {
    crypto::CertificateRequest request;
    request.common_name = gateway;
    request.not_before = since_1970;
    request.not_after = now() + options_.gateway_lifetime;
    BULKHEAD_TRY_ASSIGN(auto certificate,
                        crypto::issue_certificate(row_.certificate, row_.key, public_key_der, request));
    BULKHEAD_TRY_ASSIGN(const auto facts, crypto::read_certificate(certificate, "a new certificate"));
    return Issued{std::move(certificate), facts.serial, facts.not_after};
}

Result<std::string> Authority::own_key() const {
    std::error_code ec;
    if (std::filesystem::exists(server_key(), ec)) return read_file(server_key(), file_limit);
    BULKHEAD_TRY_ASSIGN(auto key, crypto::generate_tls_key());
    BULKHEAD_TRY(write_file_atomically(server_key(), key, 0600));
    return key;
}

Result<bool> Authority::is_fresh() const {
    std::error_code ec;
    if (!std::filesystem::exists(server_chain(), ec)) return false;
    BULKHEAD_TRY_ASSIGN(const auto chain, read_file(server_chain(), file_limit));
    const auto facts = crypto::read_certificate(chain, server_chain().string());
    // A chain of another CA (its database was replaced) or another name is made anew.
    return facts && chain.ends_with(row_.certificate) && facts->common_name == options_.names.front() &&
           now() + options_.server_lifetime / 2 < facts->not_after;
}

Result<> Authority::renew_server_certificate() {
    const std::scoped_lock lock(mutex_);
    BULKHEAD_TRY_ASSIGN(const bool fresh, is_fresh());
    if (fresh) return {};
    BULKHEAD_TRY_ASSIGN(const auto key, own_key());
    BULKHEAD_TRY_ASSIGN(const auto public_key, crypto::public_key_of(key));
    crypto::CertificateRequest request;
    request.common_name = options_.names.front();
    request.names = options_.names;
    request.is_server = true;
    request.not_before = since_1970;
    request.not_after = now() + options_.server_lifetime;
    BULKHEAD_TRY_ASSIGN(const auto certificate,
                        crypto::issue_certificate(row_.certificate, row_.key, public_key, request));
    BULKHEAD_TRY(write_file_atomically(ca_file(), row_.certificate));
    // The CA stands in the chain, for a gateway that knows no more of it than its pin.
    return write_file_atomically(server_chain(), certificate + row_.certificate);
}

}  // namespace bulkhead::console
