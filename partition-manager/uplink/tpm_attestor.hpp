// The host's TPM as the uplink needs it. Others use the same TPM, so each call takes the lock that they
// share.
#pragma once

#include <mutex>
#include <string>

#include "partition-manager/uplink/attestor.hpp"

namespace bulkhead::uplink {

class TpmAttestor final : public Attestor {
  public:
    TpmAttestor(attestation::HostTpm& tpm, std::mutex& mutex, const std::string& tcti)
        : tpm_(tpm), mutex_(mutex), hardware_(tcti.starts_with("device:")) {}

    std::string trust_anchor() const override { return hardware_ ? "hardware" : "software"; }
    std::string ek_public() const override { return tpm_.ek_public(); }
    std::string ak_public() const override { return tpm_.ak_public(); }
    Result<std::string> ek_certificate() override {
        const std::scoped_lock lock(mutex_);
        return tpm_.ek_certificate();
    }
    Result<attestation::Quote> quote(std::string_view qualifying) override {
        const std::scoped_lock lock(mutex_);
        return tpm_.quote(qualifying, {13});
    }
    Result<std::string> activate(std::string_view credential, std::string_view secret) override {
        const std::scoped_lock lock(mutex_);
        return tpm_.activate(credential, secret);
    }
    Result<std::string> sign(std::string_view message) override {
        const std::scoped_lock lock(mutex_);
        return tpm_.sign(message);
    }
    Result<std::string> seal(std::string_view secret) override {
        const std::scoped_lock lock(mutex_);
        return tpm_.seal(secret);
    }
    Result<std::string> unseal(std::string_view sealed) override {
        const std::scoped_lock lock(mutex_);
        return tpm_.unseal(sealed);
    }

  private:
    attestation::HostTpm& tpm_;
    std::mutex& mutex_;
    const bool hardware_;
};

}  // namespace bulkhead::uplink
