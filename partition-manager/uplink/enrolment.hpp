// Joining a console, and coming back to it after the certificate has expired: both proved by the TPM.
#pragma once

#include <chrono>
#include <string>

#include "crypto/join_string.hpp"
#include "partition-manager/uplink/attestor.hpp"
#include "partition-manager/uplink/identity.hpp"

namespace bulkhead::uplink {

struct Grant {
    std::string certificate;
    std::string console_time;
    std::string not_after;
};

struct Joined {
    Membership membership;
    std::string not_after;
};

// `key`: PEM of the TLS key. Nothing is sent before the server's CA is known to be the pinned one.
Result<Joined> join_console(const crypto::JoinString& join, const std::string& gateway,
                            const std::string& key, Attestor& attestor);
Result<Grant> renew_by_tpm(const Membership& membership, const std::string& key, Attestor& attestor);

// A signing request for `key` and a quote that ties it to the TPM over enrol_qualifying or renew_qualifying.
attest::v1::Quote to_message(const attestation::Quote& quote);

}  // namespace bulkhead::uplink
