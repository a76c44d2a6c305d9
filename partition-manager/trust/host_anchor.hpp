// The host's TPM, shared by those who start partitions, those who answer the console, and the uplink. Calls
// exclude each other; each takes as long as the TPM does.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/tpm/host_tpm.hpp"
#include "attestation/trust_anchor.hpp"
#include "base/error.hpp"

namespace bulkhead::trust {

class HostAnchor {
  public:
    static Result<std::unique_ptr<HostAnchor>> open(const std::string& tcti);

    // Hardware only if it is a device of the kernel's and has a manufacturer's certificate. This is what the
    // gateway believes; the console judges by the certificate.
    attestation::TrustAnchor anchor() const { return anchor_; }
    const std::string& ek_public() const { return tpm_->ek_public(); }
    const std::string& ak_public() const { return tpm_->ak_public(); }
    const std::string& ak_name() const { return ak_name_; }
    const std::string& ek_certificate() const { return ek_certificate_; }  // DER; empty: none

    Result<attestation::Quote> quote(std::string_view qualifying, const std::vector<unsigned>& pcrs);
    Result<> extend(unsigned pcr, std::string_view digest);
    Result<std::string> read_pcr(unsigned pcr);
    Result<std::string> activate(std::string_view credential, std::string_view secret);
    Result<std::string> sign(std::string_view message);
    Result<std::string> seal(std::string_view secret);
    Result<std::string> unseal(std::string_view sealed);

  private:
    explicit HostAnchor(std::unique_ptr<attestation::HostTpm> tpm) : tpm_(std::move(tpm)) {}

    std::mutex mutex_;
    std::unique_ptr<attestation::HostTpm> tpm_;
    attestation::TrustAnchor anchor_ = attestation::TrustAnchor::software;
    std::string ak_name_;
    std::string ek_certificate_;
};

// The Name (TPM 2.0 Part 1, clause 16) of a public area whose name algorithm is SHA-256.
Result<std::string> name_of_key(std::string_view public_area);

}  // namespace bulkhead::trust
