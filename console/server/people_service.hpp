// What needs no gateway's certificate: a gateway's enrolment, and people's signing in.
#pragma once

#include "bulkhead/v1alpha1/fleet.grpc.pb.h"
#include "console/server/enrolment.hpp"
#include "console/server/fleet.hpp"

namespace bulkhead::console {

class EnrolmentService final : public api::Enrolment::Service {
  public:
    explicit EnrolmentService(Enrolment& enrolment) : enrolment_(enrolment) {}
    grpc::Status Begin(grpc::ServerContext*, const api::EnrolRequest*, api::EnrolChallenge*) override;
    grpc::Status Complete(grpc::ServerContext*, const api::EnrolProof*, api::EnrolGrant*) override;
    grpc::Status BeginRenewal(grpc::ServerContext*, const api::RenewalRequest*,
                              api::RenewalChallenge*) override;
    grpc::Status CompleteRenewal(grpc::ServerContext*, const api::RenewalProof*, api::EnrolGrant*) override;

  private:
    Enrolment& enrolment_;
};

class AccountsService final : public api::Accounts::Service {
  public:
    explicit AccountsService(Fleet& fleet) : fleet_(fleet) {}
    grpc::Status SignIn(grpc::ServerContext*, const api::SignInRequest*, api::SignInReply*) override;
    grpc::Status SignOut(grpc::ServerContext*, const api::SignOutRequest*, api::SignOutReply*) override;

  private:
    Fleet& fleet_;
};

// The secret behind "authorization: Bearer"; empty: there is none.
std::string bearer_of(const grpc::ServerContext& context);

}  // namespace bulkhead::console
