// How a gateway joins, and how it gets its next certificate. Nothing of what it sends is trusted before its
// TPM proved it. From any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "bulkhead/v1alpha1/fleet.pb.h"
#include "console/server/authority.hpp"
#include "console/server/roster.hpp"
#include "console/server/watchers.hpp"
#include "console/store/store.hpp"

namespace bulkhead::console {

struct EnrolmentParts {
    Store& store;
    Roster& roster;
    Watchers& watchers;
    Authority& authority;
    const Clock& clock;
};

class Enrolment {
  public:
    // `ek_roots`: PEM of the TPM manufacturers that count as hardware; may be empty.
    Enrolment(EnrolmentParts parts, std::string ek_roots) : parts_(parts), ek_roots_(std::move(ek_roots)) {}

    Result<api::EnrolChallenge> begin(const api::EnrolRequest& request);
    Result<api::EnrolGrant> complete(const api::EnrolProof& proof);
    Result<api::RenewalChallenge> begin_renewal(const api::RenewalRequest& request);
    Result<api::EnrolGrant> complete_renewal(const api::RenewalProof& proof);
    // On an open line, authenticated by the certificate of this serial.
    Result<api::EnrolGrant> renew(const std::string& gateway, const std::string& serial,
                                  const api::RenewInline& request);

  private:
    // Between begin and complete; each serves one try.
    struct Pending {
        GatewayRow row;
        std::string token;  // its hash; empty: a renewal
        std::string tls_public_key;
        std::string nonce;
        std::string secret;
        MonotonicTime expires;
    };
    Result<std::string> remember(Pending pending, const std::string& session);
    Result<Pending> take(const std::string& session);
    Result<> check_free(const GatewayRow& row);
    Result<api::EnrolGrant> enrol(Pending pending);
    Result<api::EnrolGrant> grant_next(const std::string& gateway, const std::string& tls_public_key);
    api::EnrolGrant grant(const Authority::Issued& issued) const;
    Seconds now() const;

    EnrolmentParts parts_;
    const std::string ek_roots_;
    std::mutex mutex_;
    std::map<std::string, Pending> pending_;
};

}  // namespace bulkhead::console
