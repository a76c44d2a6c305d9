// What the uplink needs of the gateway's TPM and of its attestation rounds. All calls may block for as long
// as a TPM takes, and come from the uplink's thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "attestation/tpm/host_tpm.hpp"
#include "base/error.hpp"
#include "bulkhead/v1alpha1/fleet.pb.h"

namespace bulkhead::uplink {

class Attestor {
  public:
    virtual ~Attestor() = default;
    virtual std::string trust_anchor() const = 0;  // hardware, software: what the gateway believes
    virtual std::string ek_public() const = 0;
    virtual std::string ak_public() const = 0;
    virtual Result<std::string> ek_certificate() = 0;
    virtual Result<attestation::Quote> quote(std::string_view qualifying) = 0;
    virtual Result<std::string> activate(std::string_view credential, std::string_view secret) = 0;
    virtual Result<std::string> sign(std::string_view message) = 0;
    virtual Result<std::string> seal(std::string_view secret) = 0;
    virtual Result<std::string> unseal(std::string_view sealed) = 0;
};

// Rounds of attestation; answers come on any thread, and may come after the connection has gone.
class Rounds {
  public:
    virtual ~Rounds() = default;
    virtual void collect(const attest::v1::Challenge& challenge, const std::string& tls_public_key,
                         std::function<void(Result<attest::v1::Evidence>)> done) = 0;
    virtual void activate_guest(const v1alpha1::ActivateGuest& request,
                                std::function<void(v1alpha1::GuestActivated)> done) = 0;
    virtual void results(const v1alpha1::AttestationResults& results) = 0;
};

}  // namespace bulkhead::uplink
