#include "console/server/switch_service.hpp"

#include "console/server/people_service.hpp"
#include "console/server/unanswered.hpp"
#include "rpc/status.hpp"

namespace bulkhead::console {
namespace {

template <class Reply>
grpc::Status list(Fleet& fleet, const grpc::ServerContext& context,
                  Answer<Reply> (Fleet::*method)(const Viewer&, const api::ListRequest&),
                  const api::ListRequest& request, Reply& reply) {
    const auto viewer = fleet.viewer_of(bearer_of(context));
    if (!viewer) return not_signed_in();
    auto answer = (fleet.*method)(*viewer, request);
    if (!answer) return rpc::to_status(answer.error());
    reply = std::move(*answer);
    return {};
}

}  // namespace

grpc::Status SwitchService::Explain(grpc::ServerContext*, const api::ExplainRequest*, api::Explanation*) {
    return on_a_gateway_only("explain frames: only a gateway has its switch");
}

grpc::Status SwitchService::Prove(grpc::ServerContext*, const api::ProveRequest*, api::Proof*) {
    return on_a_gateway_only("prove anything of a gateway's switch");
}

grpc::Status SwitchService::ListFlows(grpc::ServerContext*, const api::ListRequest*, api::FlowList*) {
    return on_a_gateway_only("see single connections");
}

grpc::Status SwitchService::Capture(grpc::ServerContext* context, const api::CaptureRequest* request,
                                    grpc::ServerWriter<api::CapturePiece>* writer) {
    const auto viewer = fleet_.viewer_of(bearer_of(*context));
    if (!viewer) return not_signed_in();
    if (request->subject().empty())
        return rpc::to_status(
            Error{Code::invalid, "a capture is of an interface or a conduit", {}, "its name", {}});
    const auto gateway = passage_.gateway_with(*viewer, request->gateway(), request->subject());
    if (!gateway) return rpc::to_status(gateway.error());
    return passage_.relay(*context, {*gateway, {}, "Capture", request->SerializeAsString()},
                          [writer](const std::string& bytes) {
                              api::CapturePiece piece;
                              return piece.ParseFromString(bytes) && writer->Write(piece);
                          });
}

grpc::Status SwitchService::ListDenials(grpc::ServerContext* context, const api::ListRequest* request,
                                        api::DenialList* reply) {
    return list(fleet_, *context, &Fleet::denials, *request, *reply);
}

grpc::Status SwitchService::ListRouters(grpc::ServerContext* context, const api::ListRequest* request,
                                        api::RouterList* reply) {
    return list(fleet_, *context, &Fleet::routers, *request, *reply);
}

}  // namespace bulkhead::console
