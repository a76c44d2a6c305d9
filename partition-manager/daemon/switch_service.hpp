// The switch's part of the API: what it and tenants' routers did, do and would do. Runs on gRPC's threads and
// changes nothing.
#pragma once

#include "bulkhead/v1alpha1/switch.grpc.pb.h"
#include "partition-manager/daemon/captures.hpp"
#include "partition-manager/daemon/switch_sources.hpp"

namespace bulkhead::daemon {

class SwitchService final : public v1alpha1::Switch::Service {
  public:
    // `captures` outlives this.
    SwitchService(SwitchSources sources, Captures& captures)
        : sources_(std::move(sources)), captures_(captures) {}

    grpc::Status Explain(grpc::ServerContext*, const v1alpha1::ExplainRequest*,
                         v1alpha1::Explanation*) override;
    grpc::Status Prove(grpc::ServerContext*, const v1alpha1::ProveRequest*, v1alpha1::Proof*) override;
    grpc::Status ListDenials(grpc::ServerContext*, const v1alpha1::ListRequest*,
                             v1alpha1::DenialList*) override;
    grpc::Status Capture(grpc::ServerContext*, const v1alpha1::CaptureRequest*,
                         grpc::ServerWriter<v1alpha1::CapturePiece>*) override;
    grpc::Status ListFlows(grpc::ServerContext*, const v1alpha1::ListRequest*, v1alpha1::FlowList*) override;
    grpc::Status ListRouters(grpc::ServerContext*, const v1alpha1::ListRequest*,
                             v1alpha1::RouterList*) override;

  private:
    const SwitchSources sources_;
    Captures& captures_;
};

}  // namespace bulkhead::daemon
