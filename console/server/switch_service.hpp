// Switch, as far as the console answers it for its fleet: what gateways report of their switches. To look
// into one is the gateway's own.
#pragma once

#include "bulkhead/v1alpha1/switch.grpc.pb.h"
#include "console/server/fleet.hpp"

namespace bulkhead::console {

class SwitchService final : public api::Switch::Service {
  public:
    explicit SwitchService(Fleet& fleet) : fleet_(fleet) {}
    grpc::Status Explain(grpc::ServerContext*, const api::ExplainRequest*, api::Explanation*) override;
    grpc::Status Prove(grpc::ServerContext*, const api::ProveRequest*, api::Proof*) override;
    grpc::Status ListDenials(grpc::ServerContext*, const api::ListRequest*, api::DenialList*) override;
    grpc::Status ListFlows(grpc::ServerContext*, const api::ListRequest*, api::FlowList*) override;
    grpc::Status BeginCapture(grpc::ServerContext*, const api::CaptureRequest*, api::CaptureGrant*) override;
    grpc::Status ListRouters(grpc::ServerContext*, const api::ListRequest*, api::RouterList*) override;

  private:
    Fleet& fleet_;
};

}  // namespace bulkhead::console
