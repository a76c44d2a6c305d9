// Switch, as far as the console answers it for its fleet: what gateways report of their switches, and
// captures, which they are asked for. To look into one is the gateway's own.
#pragma once

#include "bulkhead/v1alpha1/switch.grpc.pb.h"
#include "console/server/fleet.hpp"
#include "console/server/passage.hpp"

namespace bulkhead::console {

class SwitchService final : public api::Switch::Service {
  public:
    // Both outlive this.
    SwitchService(Fleet& fleet, Passage& passage) : fleet_(fleet), passage_(passage) {}
    grpc::Status Explain(grpc::ServerContext*, const api::ExplainRequest*, api::Explanation*) override;
    grpc::Status Prove(grpc::ServerContext*, const api::ProveRequest*, api::Proof*) override;
    grpc::Status ListDenials(grpc::ServerContext*, const api::ListRequest*, api::DenialList*) override;
    grpc::Status ListFlows(grpc::ServerContext*, const api::ListRequest*, api::FlowList*) override;
    grpc::Status Capture(grpc::ServerContext*, const api::CaptureRequest*,
                         grpc::ServerWriter<api::CapturePiece>*) override;
    grpc::Status ListRouters(grpc::ServerContext*, const api::ListRequest*, api::RouterList*) override;

  private:
    Fleet& fleet_;
    Passage& passage_;
};

}  // namespace bulkhead::console
