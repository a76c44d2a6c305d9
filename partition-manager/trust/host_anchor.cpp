#include "partition-manager/trust/host_anchor.hpp"

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"

namespace bulkhead::trust {

using std::scoped_lock;

Result<std::string> name_of_key(std::string_view public_area) {
    BULKHEAD_TRY_ASSIGN(const auto digest, crypto::sha256(public_area));
    BULKHEAD_TRY_ASSIGN(const auto bytes, crypto::from_hex(digest, "digest"));
    return std::string("\x00\x0b", 2) + bytes;
}

Result<std::unique_ptr<HostAnchor>> HostAnchor::open(const std::string& tcti) {
    BULKHEAD_TRY_ASSIGN(auto tpm, attestation::HostTpm::open(tcti));
    std::unique_ptr<HostAnchor> anchor(new HostAnchor(std::move(tpm)));
    BULKHEAD_TRY_ASSIGN(anchor->ak_name_, name_of_key(anchor->ak_public()));
    BULKHEAD_TRY_ASSIGN(anchor->ek_certificate_, anchor->tpm_->ek_certificate());
    if (tcti.starts_with("device:") && !anchor->ek_certificate_.empty())
        anchor->anchor_ = attestation::TrustAnchor::hardware;
    return anchor;
}

Result<attestation::Quote> HostAnchor::quote(std::string_view qualifying, const std::vector<unsigned>& pcrs) {
    const scoped_lock lock(mutex_);
    return tpm_->quote(qualifying, pcrs);
}

Result<> HostAnchor::extend(unsigned pcr, std::string_view digest) {
    const scoped_lock lock(mutex_);
    return tpm_->extend(pcr, digest);
}

Result<std::string> HostAnchor::read_pcr(unsigned pcr) {
    const scoped_lock lock(mutex_);
    return tpm_->read_pcr(pcr);
}

Result<std::string> HostAnchor::activate(std::string_view credential, std::string_view secret) {
    const scoped_lock lock(mutex_);
    return tpm_->activate(credential, secret);
}

Result<std::string> HostAnchor::sign(std::string_view message) {
    const scoped_lock lock(mutex_);
    return tpm_->sign(message);
}

Result<std::string> HostAnchor::seal(std::string_view secret) {
    const scoped_lock lock(mutex_);
    return tpm_->seal(secret);
}

Result<std::string> HostAnchor::unseal(std::string_view sealed) {
    const scoped_lock lock(mutex_);
    return tpm_->unseal(sealed);
}

}  // namespace bulkhead::trust
