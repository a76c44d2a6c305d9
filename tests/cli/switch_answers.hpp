// The switch's part of the API with canned answers.
#pragma once

#include <atomic>
#include <mutex>

#include "bulkhead/v1alpha1/switch.grpc.pb.h"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;

api::Explanation canned_explanation();
api::Proof canned_proof();           // of all, and it holds
api::Proof canned_counterexample();  // of one pair
api::DenialList canned_denials();
api::RouterList canned_routers();
api::FlowList canned_flows();

class SwitchAnswers final : public api::Switch::Service {
  public:
    std::atomic<bool> disagrees = false;
    std::atomic<bool> unproved = false;
    std::atomic<bool> endless = false;  // a capture goes on until its caller leaves
    std::atomic<bool> refuses = false;

    static std::string head_of_capture();  // its first piece; the packet follows
    api::ExplainRequest last_explain() const;
    api::ProveRequest last_prove() const;
    api::CaptureRequest last_capture() const;

    grpc::Status Explain(grpc::ServerContext*, const api::ExplainRequest*, api::Explanation*) override;
    grpc::Status Prove(grpc::ServerContext*, const api::ProveRequest*, api::Proof*) override;
    grpc::Status Capture(grpc::ServerContext*, const api::CaptureRequest*,
                         grpc::ServerWriter<api::CapturePiece>*) override;
    grpc::Status ListDenials(grpc::ServerContext*, const api::ListRequest*, api::DenialList*) override;
    grpc::Status ListRouters(grpc::ServerContext*, const api::ListRequest*, api::RouterList*) override;
    grpc::Status ListFlows(grpc::ServerContext*, const api::ListRequest*, api::FlowList*) override;

  private:
    mutable std::mutex mutex_;
    api::ExplainRequest explain_;
    api::ProveRequest prove_;
    api::CaptureRequest capture_;
};

}  // namespace bulkhead::cli
