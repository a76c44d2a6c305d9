// The host's TPM, as the uplink asks it.
#pragma once

#include "partition-manager/trust/host_anchor.hpp"
#include "partition-manager/uplink/attestor.hpp"

namespace bulkhead::daemon {

class AnchorAttestor final : public uplink::Attestor {
  public:
    explicit AnchorAttestor(trust::HostAnchor& anchor) : anchor_(anchor) {}

    std::string trust_anchor() const override { return std::string(to_string(anchor_.anchor())); }
    std::string ek_public() const override { return anchor_.ek_public(); }
    std::string ak_public() const override { return anchor_.ak_public(); }
    Result<std::string> ek_certificate() override { return anchor_.ek_certificate(); }
    Result<attestation::Quote> quote(std::string_view qualifying) override {
        return anchor_.quote(qualifying, {0, 13});
    }
    Result<std::string> activate(std::string_view credential, std::string_view secret) override {
        return anchor_.activate(credential, secret);
    }
    Result<std::string> sign(std::string_view message) override { return anchor_.sign(message); }
    Result<std::string> seal(std::string_view secret) override { return anchor_.seal(secret); }
    Result<std::string> unseal(std::string_view sealed) override { return anchor_.unseal(sealed); }

  private:
    trust::HostAnchor& anchor_;
};

}  // namespace bulkhead::daemon
