#include "partition-manager/daemon/switch_service.hpp"

#include "partition-manager/daemon/capture_grant.hpp"
#include "partition-manager/daemon/convert.hpp"
#include "partition-manager/daemon/explanation.hpp"
#include "partition-manager/daemon/listener.hpp"
#include "partition-manager/daemon/proof.hpp"
#include "partition-manager/daemon/traffic_view.hpp"

namespace bulkhead::daemon {
namespace {

template <class Message>
grpc::Status answer(Result<Message> result, Message& reply) {
    if (!result) return to_status({result.error()});
    reply = std::move(*result);
    return {};
}

}  // namespace

grpc::Status SwitchService::Explain(grpc::ServerContext* context, const v1alpha1::ExplainRequest* request,
                                    v1alpha1::Explanation* reply) {
    return answer(explain(sources_, *request, actor_of(*context)), *reply);
}

grpc::Status SwitchService::Prove(grpc::ServerContext*, const v1alpha1::ProveRequest* request,
                                  v1alpha1::Proof* reply) {
    return answer(prove(sources_, *request), *reply);
}

grpc::Status SwitchService::BeginCapture(grpc::ServerContext* context,
                                         const v1alpha1::CaptureRequest* request,
                                         v1alpha1::CaptureGrant* reply) {
    return answer(grant_capture(sources_, *request, actor_of(*context)), *reply);
}

grpc::Status SwitchService::ListDenials(grpc::ServerContext*, const v1alpha1::ListRequest* request,
                                        v1alpha1::DenialList* reply) {
    return answer(denials(sources_, *request), *reply);
}

grpc::Status SwitchService::ListFlows(grpc::ServerContext*, const v1alpha1::ListRequest* request,
                                      v1alpha1::FlowList* reply) {
    return answer(flows(sources_, *request), *reply);
}

grpc::Status SwitchService::ListRouters(grpc::ServerContext*, const v1alpha1::ListRequest* request,
                                        v1alpha1::RouterList* reply) {
    *reply = routers(*sources_.board.current(), sources_.routers(), *request);
    return {};
}

}  // namespace bulkhead::daemon
